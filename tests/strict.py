"""What Odoo lets pass, and what nobody wants to read on a screen."""

from odoo import fields, models


def refuse_records_as_text(case):
    """Let a text of ours that is set to records fail the test: it would stand there as ``res.partner()``.

    :param case: class of a test
    """
    for kind in (fields.Char, fields.Text, fields.Html):
        original = kind.convert_to_cache

        def convert_to_cache(self, value, record, validate=True, original=original):
            if isinstance(value, models.BaseModel) and 'customer_success' in (self._modules or ()):
                raise TypeError(f"{self} is a text, and was set to {value!r}")
            return original(self, value, record, validate)

        case.classPatch(kind, 'convert_to_cache', convert_to_cache)
