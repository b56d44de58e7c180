from odoo import api, fields, models
from odoo.tools import SQL


class CustomerRegistry(models.AbstractModel):
    _inherit = 'customer.registry'

    @api.model
    def _buyers_sql(self, partner_ids=None):
        if partner_ids is None and self.env.context.get('customer_rank_later'):
            # what everybody bought has just been added up
            return SQL("SELECT id FROM customer_bought WHERE bought")
        return super()._buyers_sql(partner_ids)

    @api.model
    def _moved(self, joined, left):
        result = super()._moved(joined, left)
        potentials = self.env['customer.potential.keeper'].sudo()  # whoever makes somebody a customer need not see its care
        if left:
            self._leave_classes(left)
            potentials._left(left)
        if joined:
            self._return_classes(joined)
            if not self.env.context.get('customer_rank_later'):
                potentials._joined(joined)
                # who joins is planned after this, whatever the tier
                self.env['customer.ranking'].with_context(customer_plan_later=True)._rank(joined)
                # by tier and segment, which are known now
                self.env['customer.assigner']._joined(joined)
        return result

    @api.model
    def _return_classes(self, partner_ids):
        """Give customers that come back the tier and the segment that they had when they left, since when they had them: the
        ranking goes on from there. Who left today has never been away."""
        today, now = fields.Date.context_today(self), self.env.cr.now()
        for model, kind, values in (
            ('customer.tier.change', 'tier', {'direction': SQL("'same'"), 'revenue': SQL("p.customer_revenue"),
                                              'currency_id': SQL("last.currency_id")}),
            ('customer.segment.change', 'segment', {'tier_id': SQL("last.tier_id"), 'potential': SQL("p.customer_potential"),
                                                    'risk': SQL("p.customer_risk_level")}),
        ):
            names = {key: SQL.identifier(name) for key, name in (
                ('table', self.env[model]._table), ('column', f'customer_{kind}_id'), ('since', f'customer_{kind}_since'),
                ('old', f'old_{kind}_id'), ('new', f'new_{kind}_id'))}
            self.env.cr.execute(SQL(
                """WITH back AS (
                        SELECT last.partner_id AS id, last.id AS change_id, last.date, last.%(old)s AS kept,
                               COALESCE(before.date, last.date) AS since
                          FROM (SELECT DISTINCT ON (h.partner_id) h.* FROM %(table)s h
                                 WHERE h.partner_id = ANY(%(ids)s)
                              ORDER BY h.partner_id, h.date DESC, h.id DESC) AS last
             LEFT JOIN LATERAL (SELECT h.date FROM %(table)s h
                                 WHERE h.partner_id = last.partner_id AND h.%(new)s = last.%(old)s AND h.cause <> 'back'
                              ORDER BY h.date DESC, h.id DESC LIMIT 1) AS before ON TRUE
                         WHERE last.cause = 'left'
                        ), undone AS (
                   DELETE FROM %(table)s WHERE id IN (SELECT change_id FROM back WHERE date = %(today)s)
                        ), kept AS (
                   INSERT INTO %(table)s (partner_id, date, %(new)s, cause, %(columns)s,
                                          create_uid, create_date, write_uid, write_date)
                        SELECT back.id, %(today)s, back.kept, 'back', %(values)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                          FROM back JOIN res_partner p ON p.id = back.id JOIN %(table)s last ON last.id = back.change_id
                         WHERE back.date < %(today)s)
                 UPDATE res_partner p SET %(column)s = back.kept, %(since)s = back.since
                   FROM back WHERE back.id = p.id AND p.%(column)s IS NULL""",
                ids=partner_ids, today=today, now=now, uid=self.env.uid,
                columns=SQL(", ").join(map(SQL.identifier, values)), values=SQL(", ").join(values.values()), **names))
            self.env[model].invalidate_model()
        self.env['res.partner'].browse(partner_ids).invalidate_recordset(self._class_fields())

    @api.model
    def _class_fields(self):
        return ['customer_tier_id', 'customer_tier_since', 'customer_tier_change_ids', 'customer_segment_id',
                'customer_segment_since', 'customer_segment_change_ids']

    @api.model
    def _since_sql(self, kind, partner, old, new):
        """Return SQL for the day since when a customer is in the tier or segment that it comes into today: not today, where
        it only comes back into the one it was in this morning.

        :param str kind: ``tier`` or ``segment``
        :param SQL partner: the id of the customer
        :param SQL old: what it comes from
        :param SQL new: what it comes into
        """
        names = {'table': SQL.identifier(f'customer_{kind}_change'), 'old_column': SQL.identifier(f'old_{kind}_id'),
                 'new_column': SQL.identifier(f'new_{kind}_id')}
        return SQL(
            """COALESCE(CASE WHEN %(old)s IS NOT NULL AND EXISTS (
                             SELECT 1 FROM %(table)s h
                              WHERE h.partner_id = %(partner)s AND h.date = %(today)s AND h.%(old_column)s = %(new)s)
                        THEN (SELECT before.date
                                FROM (SELECT h.date, h.%(new_column)s AS kept FROM %(table)s h
                                       WHERE h.partner_id = %(partner)s AND h.date < %(today)s
                                         AND h.cause NOT IN ('left', 'back')
                                    ORDER BY h.date DESC, h.id DESC LIMIT 1) AS before
                               WHERE before.kept = %(new)s) END, %(today)s)""",
            partner=partner, old=old, new=new, today=fields.Date.context_today(self), **names)

    @api.model
    def _leave_classes(self, partner_ids):
        """Take customers out of their tier and their segment, and keep that in the histories."""
        self.env['customer.tier.change'].flush_model()
        self.env['customer.segment.change'].flush_model()
        self.env.cr.execute(SQL(
            """WITH gone AS (
                    SELECT id, customer_tier_id, customer_revenue, customer_segment_id, customer_potential,
                           customer_risk_level
                      FROM res_partner
                     WHERE id = ANY(%(ids)s) AND (customer_tier_id IS NOT NULL OR customer_segment_id IS NOT NULL)
                    ), tiers AS (
               INSERT INTO customer_tier_change (partner_id, date, old_tier_id, cause, direction, revenue, currency_id,
                                                 create_uid, create_date, write_uid, write_date)
                    SELECT id, %(today)s, customer_tier_id, 'left', 'down', customer_revenue, %(currency)s,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM gone WHERE customer_tier_id IS NOT NULL
                    ), segments AS (
               INSERT INTO customer_segment_change (partner_id, date, old_segment_id, cause, tier_id, potential, risk,
                                                    create_uid, create_date, write_uid, write_date)
                    SELECT id, %(today)s, customer_segment_id, 'left', customer_tier_id, customer_potential,
                           customer_risk_level, %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM gone WHERE customer_segment_id IS NOT NULL
                    )
             UPDATE res_partner p SET customer_tier_id = NULL, customer_tier_since = NULL,
                                      customer_segment_id = NULL, customer_segment_since = NULL
               FROM gone WHERE gone.id = p.id""",
            ids=partner_ids, today=fields.Date.context_today(self), uid=self.env.uid, now=self.env.cr.now(),
            currency=self._main_company().currency_id.id,
        ))
        self.env['res.partner'].browse(partner_ids).invalidate_recordset(self._class_fields())
