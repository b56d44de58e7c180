from odoo import models
from odoo.tools import SQL

#: Key of the lock under which a numbering begins.
NUMBERING_LOCK = 1_667_593_078


class ResCompany(models.Model):
    """Numbers of a company that begin anew every year, each given once."""

    _inherit = 'res.company'

    def _numbering_values(self, code, taken):
        """Return what a numbering begins with, for the wings to extend: ``name``, ``padding`` and ``prefix``.

        :param str code: code of the sequence
        :param taken: all companies as they are for the others by now; another transaction may just have begun with them
        """
        raise NotImplementedError(code)

    def _numbering_sequence(self, code):
        """Return the sequence of a kind of number of this company, or none before the first one was given."""
        self.ensure_one()
        return self.env['ir.sequence'].sudo().search(  # users don't read sequences
            [('code', '=', code), ('company_id', '=', self.id)], limit=1)

    def _find_numbering(self, code, day):
        """Return where the numbers of a day come from, or None before the first one of the company or of the year.

        Sequences of kind *standard* are PostgreSQL sequences: no number is given twice, whoever asks at the same time,
        and a number lost with a rolled back transaction is not given again.

        :param str code: code of the sequence
        :return: name of the PostgreSQL sequence, prefix, suffix, number of digits
        :rtype: tuple[str, str, str, int] | None
        """
        sequence = self._numbering_sequence(code)
        span = sequence.date_range_ids.filtered(lambda span: span.date_from <= day <= span.date_to)[:1]
        if not span:
            return None
        prefix, suffix = sequence.with_context(
            ir_sequence_date=day, ir_sequence_date_range=span.date_from)._get_prefix_suffix()
        return f'ir_sequence_{sequence.id:03d}_{span.id:03d}', prefix, suffix, sequence.padding

    def _get_numbering(self, code, day):
        """Return what :meth:`_find_numbering` does; a numbering that is not there yet begins.

        Of several transactions that ask for the first number of a company or of a year, one begins the numbering and the
        others wait for it. Those don't see in their own snapshot what came meanwhile, so they look past it.
        """
        self.ensure_one()
        if found := self._find_numbering(code, day):
            return found
        self.env.cr.execute(SQL("SELECT pg_advisory_xact_lock(%s)", NUMBERING_LOCK))
        if not self.env.registry.ready:
            # this transaction has just altered the tables that another cursor would read, and nobody else works here
            return self._begin_numbering(code, day, self.browse())
        with self.env.registry.cursor() as cr:
            beside = self.with_env(self.env(cr=cr, su=True))  # the numbering is one, whoever asks first
            if beside.exists() and (found := beside._find_numbering(code, day)):
                return found
            return self._begin_numbering(code, day, beside.search([]))

    def _begin_numbering(self, code, day, taken):
        sequence = self._numbering_sequence(code) or self.env['ir.sequence'].sudo().create({  # as above
            'code': code,
            'company_id': self.id,
            'implementation': 'standard',
            'use_date_range': True,
            **self._numbering_values(code, taken),
        })
        sequence._get_current_sequence(day)
        return self._find_numbering(code, day)

    def _draw_number(self, code, day):
        """Return the next number of a kind.

        :param str code: code of the sequence
        """
        sequence, prefix, suffix, padding = self._get_numbering(code, day)
        [[value]] = self.env.execute_query(SQL("SELECT nextval(%s)", sequence))
        return f'{prefix}{value:0{padding}d}{suffix}'
