"""Which text can be read on a colour (WCAG 2.2, relative luminance and contrast)."""
from __future__ import annotations

import re

DARK, LIGHT = '#1f2937', '#ffffff'


def luminance(color: str) -> float:
    """Return the relative luminance of a colour, 0 for black to 1 for white.

    >>> luminance('#000000'), luminance('#fff')
    (0.0, 1.0)

    :raises ValueError: for what is no ``#rrggbb`` or ``#rgb``
    """
    if not (found := re.fullmatch('#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})', color)):
        raise ValueError(color)
    digits = found[1] if len(found[1]) == 6 else ''.join(digit * 2 for digit in found[1])
    parts = [int(digits[start:start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return round(0.2126 * red + 0.7152 * green + 0.0722 * blue, 6)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21.

    >>> contrast('#000000', '#ffffff')
    21.0
    """
    low, high = sorted((luminance(one), luminance(other)))
    return round((high + 0.05) / (low + 0.05), 2)


def readable_on(color: str) -> str:
    """Return the colour of a text that can be read on a background.

    >>> readable_on('#714b67'), readable_on('#ffd54f')
    ('#ffffff', '#1f2937')
    """
    return max((LIGHT, DARK), key=lambda text: contrast(text, color))
