"""The rules of a care plan in plain words, a sentence a rule. No Qt."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from caregiver.wording import LANGUAGES, Tongue, span, term
from domain.careplan import Backstop, CarePlan
from domain.signals import CLEARING, Sign

MONTH = 30.5  # days


def rarely(tongue: Tongue, budget: float) -> str:
    """A budget of false alarms a day as one says it: "about one false alarm in 2 months"."""
    if budget <= 0:
        return tongue.tr("caregiver.silence.off")
    days = 1 / budget
    months = round(days / MONTH)
    if months >= 2 and abs(days - months * MONTH) < 1:
        return tongue.tr("caregiver.silence.months", n=months)
    return tongue.tr("caregiver.silence.days", n=round(days))


def listed(tongue: Tongue, words: Iterable[str]) -> str:
    return tongue.tr("caregiver.residents.comma").join(words)


def kinds(tongue: Tongue, signs: Iterable[Sign]) -> str:
    wanted = frozenset(signs)
    return listed(tongue, (term(tongue, "sign", f"sign_{kind}") for kind in Sign if kind in wanted))


def counting(plan: CarePlan, tongue: Tongue) -> list[str]:
    """What counts at the times of the plan, where that is not everything."""
    if plan.counted >= CLEARING:
        return []
    left_out = CLEARING - plan.counted
    few = len(left_out) < len(plan.counted & CLEARING)
    key, told = ("plan.counts_not", left_out) if few else ("plan.counts", plan.counted & CLEARING)
    return [tongue.tr(f"caregiver.{key}", kinds=kinds(tongue, told))]


def silence(plan: CarePlan, tongue: Tongue) -> list[str]:
    """When silence at home rings."""
    if not plan.watches_home:
        return []
    learned = "plan.silence" if plan.false_alarms_per_day > 0 else "plan.no_silence"
    lines = [tongue.tr(f"caregiver.{learned}", rarely=rarely(tongue, plan.false_alarms_per_day))]
    if plan.backstops:
        rules = listed(tongue, (fixed(rule, tongue) for rule in plan.backstops))
        lines.append(tongue.tr("caregiver.plan.fixed", rules=rules))
    return lines


def fixed(rule: Backstop, tongue: Tongue) -> str:
    """As in "no motion for 24 h"."""
    hours, rest = divmod(rule.after, timedelta(hours=1))
    long = span(tongue, rule.after) if rest else tongue.tr("caregiver.span.whole_hours", n=hours)
    return tongue.tr("caregiver.plan.for", what=term(tongue, "rule", rule.id), span=long)


def reaching(plan: CarePlan, tongue: Tongue, beside: Mapping[str, Any]) -> list[str]:
    lines = [tongue.tr("caregiver.plan.first")] if beside.get("call_elder_first") else []
    if isinstance(beside.get("ladder"), Mapping):
        lines.append(tongue.tr("caregiver.plan.ladder_drawn"))
    elif plan.ladder:
        lines.append(tongue.tr("caregiver.plan.ladder", name=plan.ladder))
    if plan.language:
        lines.append(tongue.tr("caregiver.plan.language", language=LANGUAGES.get(plan.language, plan.language)))
    return lines


def cut_off(plan: CarePlan, tongue: Tongue) -> list[str]:
    """How soon a sensor that is cut off is told of, where that is another time than usual."""
    usual = plan.blind_after == CarePlan("").blind_after
    return [] if usual else [tongue.tr("caregiver.plan.blind_after", span=span(tongue, plan.blind_after))]


def paused(plan: CarePlan, tongue: Tongue, known: Mapping[str, str]) -> list[str]:
    """`known`: what the sensors of the home are called."""
    names = listed(tongue, (known.get(device, device) for device in sorted(plan.paused)))
    return [tongue.tr("caregiver.plan.paused", sensors=names)] if plan.paused else []
