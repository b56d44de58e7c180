"""What mail servers say about messages that did not arrive."""
from __future__ import annotations

import re

#: An enhanced status code (RFC 3463), or the code of a reply (RFC 5321) that stands by itself.
ENHANCED = re.compile(r'(?<![\d.])([245])\.\d{1,3}\.\d{1,3}(?![\d.])')
REPLY = re.compile(r'(?<![\d.])([45])[0-5]\d(?![\d.])')


def is_permanent(text: str) -> bool:
    """Return whether a mail server means for good what it said; what says nothing about that may pass.

    A full mailbox comes with 4.2.2 or with 5.2.2: the class decides, as RFC 3463 wants it. Of several codes the enhanced one
    counts, which is the more exact.

    :param text: reply of a server, or the text of a report
    """
    found = ENHANCED.search(text or '') or REPLY.search(text or '')
    return bool(found) and found.group(1) == '5'


def without_quotes(text: str, limit: int) -> str:
    """Return what somebody wrote in an answer, without what it answers to, cut after so many characters.

    :param text: plain text of an email
    :param limit: the most characters, the mark of the cut included
    """
    lines = []
    for line in (text or '').splitlines():
        if lines and (line.lstrip().startswith('>') or BEGINS_QUOTE.match(line.strip())):
            break
        if not line.lstrip().startswith('>'):
            lines.append(line.rstrip())
    said = re.sub(r'\n{3,}', '\n\n', '\n'.join(lines)).strip()
    return said if len(said) <= limit else said[:limit - 1].rstrip() + '…'


#: Lines with which mail programs introduce what they quote.
BEGINS_QUOTE = re.compile(
    r'(?:On\b.{5,120}\bwrote:|Am\b.{5,120}\bschrieb.{0,80}:|Le\b.{5,120}\ba écrit\s?:|El\b.{5,120}\bescribió:'
    r'|.{5,120}(?:写道|寫道)\s?[:：]|-{2,}\s?(?:Original Message|Forwarded message|原始邮件|原始郵件|转发邮件)\s?-{2,}'
    r'|_{10,}|(?:From|发件人|寄件者)\s?[:：].{3,120})$')
