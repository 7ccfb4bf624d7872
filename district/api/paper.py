"""The paper of the pages that people open on a telephone: the house's colours and type, large; no script, nothing fetched."""

import tomllib
from functools import cache
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse

from assets import asset
from assets.words import LANGUAGES, say

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
# what is read grows with the size of text that its reader has chosen for their browser
_LAID_OUT = """
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1.25rem/1.6 'Noto Sans SC','Noto Sans CJK SC',system-ui,sans-serif;
overflow-wrap:break-word}
main{max-width:30em;margin:0 auto;padding:24px 16px 48px}
main.large{font-size:1.75rem}
main.large h1{font-size:2.75rem}
main.large button{min-height:112px;font-size:2.25rem}
header{display:flex;flex-wrap:wrap;align-items:center;gap:8px;color:var(--lantern);font-weight:700;margin-bottom:24px}
header svg{width:1.6em;height:1.6em;flex:none}
h1{font-size:1.75rem;line-height:1.3;margin:0 0 8px}
h1.alarm{border-left:4px solid var(--alarm);padding-left:12px;color:var(--alarm)}
h2{font-size:1.25rem;margin:32px 0 8px}
p{margin:8px 0}
.muted{color:var(--muted)}
.drill{border:2px dashed var(--away);border-radius:12px;padding:8px 12px;color:var(--away);font-weight:700}
form{margin:16px 0}
button{width:100%;min-height:64px;margin:8px 0;padding:8px 16px;border:2px solid var(--line);border-radius:12px;
background:var(--surface);color:var(--ink);font:inherit;font-weight:700}
a.way{display:flex;align-items:center;gap:12px;min-height:56px;padding:8px 4px;color:var(--lantern);font-weight:700;
text-decoration:none}
a.way svg{width:1.2em;height:1.2em;flex:none}
nav{margin-top:24px;border-top:1px solid var(--line);padding-top:8px}
button.primary{border-color:var(--lantern);background:var(--lantern);color:var(--on_lantern)}
button:focus-visible,a.way:focus-visible,input:focus-visible{outline:3px solid var(--lantern);outline-offset:3px}
label{display:block;margin-top:16px}
input{width:100%;min-height:56px;padding:8px 12px;border:2px solid var(--muted);border-radius:12px;background:var(--surface);
color:var(--ink);font:inherit}
"""


def tongue_of(request: Request, otherwise: str) -> str:
    """The first language that the browser asks for and we have: of whoever is not known by name."""
    asked = request.headers.get("accept-language", "").lower().split(",")
    return next((word.strip()[:2] for word in asked if word.strip()[:2] in LANGUAGES), otherwise)


def sheet(language: str, body: str, status: int = 200, large: bool = False) -> HTMLResponse:
    """A whole page around `body`, which is HTML already; `large` for the old and for whoever reads without their glasses."""
    size = ' class="large"' if large else ""
    name, mark = escape(say(language, "district.title")), _icon("lantern")
    text = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{name}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">'
        f"<style>{_style()}</style></head><body><main{size}><header>{mark}{name}</header>{body}</main></body></html>"
    )
    return HTMLResponse(text, status, HEADERS)


def heading(words: str, kind: str = "") -> str:
    return f'<h1 class="{kind}">{escape(words)}</h1>'


def line(words: str, kind: str = "") -> str:
    return f'<p class="{kind}">{escape(words)}</p>' if words else ""


def form(*inside: str) -> str:
    """What is sent where the page came from."""
    return f'<form method="post">{"".join(inside)}</form>'


def hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def button(words: str, primary: bool = True, name: str = "", value: str = "") -> str:
    told = f' name="{name}" value="{escape(value)}"' if name else ""
    return f'<button class="{"primary" if primary else ""}"{told}>{escape(words)}</button>'


def way(words: str, target: str, icon: str) -> str:
    """A large link: a number to call, a map."""
    return f'<a class="way" href="{escape(target)}">{_icon(icon)}<span>{escape(words)}</span></a>'


@cache
def _style() -> str:
    themes = tomllib.loads(asset("theme.toml").read_text("utf-8"))
    light, dark = (";".join(f"--{k}:{v}" for k, v in themes[name].items()) for name in ("light", "dark"))
    return f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}{_LAID_OUT}"


@cache
def _icon(name: str) -> str:
    return asset("icons", f"{name}.svg").read_text("utf-8").replace("<svg ", '<svg aria-hidden="true" ', 1)
