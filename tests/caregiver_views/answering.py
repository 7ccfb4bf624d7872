"""The district that answers a desk."""

from contextlib import closing

from pytestqt.qtbot import QtBot

from caregiver.main_window import MainWindow
from district.watching.plan_changes import PlanChanges
from qtkit.shots import settle
from watch.ledger import JournalLedger
from watch.plans import PROPOSED, FactPlans


def answer(window: MainWindow, qtbot: QtBot) -> None:
    """What the district says to everything that was proposed so far."""
    plans = FactPlans()
    with closing(JournalLedger(window.state.journal)) as ledger:
        plans.recall(ledger)
        changes = PlanChanges(ledger, plans)
        for fact in ledger.told((PROPOSED,)):
            changes.follow(fact, window.state.now())
    qtbot.waitUntil(lambda: not window.state.more)
    settle(window)
