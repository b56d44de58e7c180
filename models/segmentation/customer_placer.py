from odoo import api, models
from odoo.tools import SQL


class CustomerPlacer(models.AbstractModel):
    """Puts every managed customer into exactly one place of a kind, by rules that are tried in their order (SEG-4, LIF-3).

    One customer and all customers go through the same statements, which write only what changes.
    """

    _name = 'customer.placer'
    _description = "Puts Customers Where the Rules Say"

    @api.model
    def _rules_key(self):
        """Return the parameter that keeps by which rules everybody was placed last."""
        raise NotImplementedError

    @api.model
    def _rules_fingerprint(self):
        """Return the rules in force as a text that differs where they do."""
        raise NotImplementedError

    @api.model
    def _rules_changed(self):
        """Return whether the rules are others than the last time all customers were placed."""
        parameters = self.env['ir.config_parameter'].sudo()  # the action's own bookkeeping
        return parameters.get_param(self._rules_key()) != self._rules_fingerprint()

    @api.model
    def _remember_rules(self):
        """Keep by which rules all customers have just been placed."""
        self.env['ir.config_parameter'].sudo().set_param(self._rules_key(), self._rules_fingerprint())  # as above

    @api.model
    def _preview_sql(self, entries):
        """Return SQL with where each managed customer would be: ``id``, ``old_id`` by the saved rules and ``new_id`` by others.

        :param list entries: the others in their order, each with what it puts customers into
        """
        raise NotImplementedError

    @api.model
    def _compared_sql(self, kind, before, after):
        """Return :meth:`_preview_sql` of two verdicts.

        :param str kind: see ``customer.placing._kind``
        """
        return SQL(
            """SELECT before.id, before.%(place)s AS old_id, after.%(place)s AS new_id
                 FROM (%(before)s) AS before JOIN (%(after)s) AS after ON after.id = before.id""",
            place=SQL.identifier(f'new_{kind}_id'), before=before, after=after)
