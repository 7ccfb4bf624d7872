"""Group bots that refuse with a friendly face: WeCom, DingTalk and Feishu answer 200 and say in the body that they will not.

Apprise looks at the status alone and would call such a message sent, so that no other channel was asked. Here its plugins see the
status that the body means.
"""

from importlib import import_module
from typing import Any

_PLUGINS = ("wecombot", "dingtalk", "feishu")
_CODES = ("errcode", "code", "StatusCode")
# too many messages for now, or busy: https://developer.work.weixin.qq.com/document/path/90313,
# https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages, https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
_PASSING = frozenset({-1, 45009, 45033, 130101, 410100, 11232, 230020, 99991400})


class _Honest:
    """The HTTP library of a plugin, with a `post` whose status is what the body says."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)

    def post(self, *args: Any, **kwargs: Any) -> Any:
        answer = self._library.post(*args, **kwargs)
        code = refusal(answer)
        if code in _PASSING:  # Feishu's limits come with 400 as well
            answer.status_code = 503
        elif answer.status_code == 200 and code:
            answer.status_code = 403
        return answer


def refusal(answer: Any) -> int:
    """The code by which a bot refuses; 0 where it does not, or says nothing of it."""
    try:
        told = answer.json()
        return next((int(told[name]) for name in _CODES if told.get(name)), 0)
    except (ValueError, TypeError, AttributeError):
        return 0


def heed_bodies() -> None:
    """Once, before the first message; again does no harm."""
    for name in _PLUGINS:
        plugin: Any = import_module(f"apprise.plugins.{name}")
        if not isinstance(plugin.requests, _Honest):
            plugin.requests = _Honest(plugin.requests)
