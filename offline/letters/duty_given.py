"""Somebody was given a duty that takes two people, or a way in to an account that has one. The district says so by a fact of its
own, so that those learn of it unasked who have the duty too.

Payload: `account` (whose), `by` (who did it: an account, `operator` at the machine, or `system`), `step`: one of STEPS.
"""

DUTY_GIVEN = "district.duty_given"
STEPS = ("invited", "invited_again", "granted", "enabled")
