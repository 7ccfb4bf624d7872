"""Tables as clerks keep them: what a spreadsheet saves, with days and a yes or no written as people write them."""

import codecs
import re
from datetime import date

YES = frozenset({"1", "yes", "y", "true", "是", "有", "√"})
NO = frozenset({"", "0", "no", "n", "false", "否", "无"})
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def encodings(raw: bytes) -> tuple[str, ...]:
    """In which a table that begins so may be written: UTF-8 with or without its mark, GB 18030, which is what Excel writes in
    China, or UTF-16, Excel's "Unicode text"."""
    return ("utf-16",) if raw.startswith(WIDE) else ("utf-8-sig", "gb18030")


def decoded(raw: bytes) -> str:
    """The words of a table. Raises ValueError."""
    for encoding in encodings(raw):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("neither UTF-8 nor GB 18030")


def divided_by(words: str) -> str:
    """What stands between the columns: a comma, or what another Excel or a copied table has in its place."""
    heading = words.partition("\n")[0]
    return max(",;\t", key=heading.count)


def day_told(words: str) -> str | None:
    """The ISO date of 1948-3-7, 1948/03/07, 1948.3.7, 1948年3月7日 or 19480307; "" for nothing; None for what is no date."""
    if not words:
        return ""
    parts = re.split(r"[-/.年月日]", words.strip("日 "))
    if len(parts) == 1 and len(words) == 8:
        parts = [words[:4], words[4:6], words[6:]]
    try:
        year, month, day = map(int, parts[:3])
        return date(year, month, day).isoformat()
    except ValueError:
        return None
