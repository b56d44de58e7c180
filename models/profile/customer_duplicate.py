from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..base.local_day import in_company_zone
from ..platform.counted import plural
from ..platform.local_text import listed, listed_first
from .customer_duplicate_key import KINDS, PERSON

#: Contacts that are looked at in one transaction by night.
BATCH = 5000

#: So many of those that may be the same are named.
NAMED = 5


class CustomerDuplicate(models.Model):
    """Two contacts that may be one and the same (PRO-6).

    They have the same email, phone number or tax number, or, as companies, the same name without its legal form in the same
    country. People of the same customer, branches of a company and that company, and what belongs to different companies of
    ours, are no duplicates; neither is what too many share, like the number of a reception.

    It is decided within the transaction that brings a contact, in a few statements however many there are. That two are not
    the same is remembered.
    """

    _name = 'customer.duplicate'
    _description = "Possible Duplicate"
    _order = 'found_on desc, id desc'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Contact", required=True, readonly=True, index=True, ondelete='cascade')
    other_id = fields.Many2one(
        comodel_name='res.partner', string="Other Contact", required=True, readonly=True, index=True, ondelete='cascade')
    same_email = fields.Boolean(readonly=True)
    same_phone = fields.Boolean(readonly=True)
    same_vat = fields.Boolean(string="Same Tax ID", readonly=True)
    same_name = fields.Boolean(readonly=True)
    reasons = fields.Char(string="What Is the Same", compute='_compute_reasons')
    user_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")
    other_user_id = fields.Many2one(related='other_id.user_id', string="Account Manager of the Other")
    state = fields.Selection(
        selection=[('open', "To be decided"), ('different', "Not the same")], string="Status", default='open', required=True,
        readonly=True)
    found_on = fields.Date(required=True, readonly=True)
    decided_by_id = fields.Many2one(comodel_name='res.users', readonly=True, ondelete='set null')

    _pair_uniq = models.Constraint('UNIQUE (partner_id, other_id)', "These two contacts are compared already.")

    @api.depends('partner_id', 'other_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for pair in self:
            pair.display_name = self.env._(
                "%(contact)s and %(other)s", contact=pair.partner_id.display_name, other=pair.other_id.display_name)

    @api.depends('same_email', 'same_phone', 'same_vat', 'same_name')
    @api.depends_context('lang')
    def _compute_reasons(self):
        for pair in self:
            pair.reasons = self._say_reasons(kind for kind in KINDS if pair[f'same_{kind}'])

    @api.model
    def _say_reasons(self, kinds):
        """Return what two contacts have in common, in words."""
        words = {'email': self.env._("same email"), 'phone': self.env._("same phone"), 'vat': self.env._("same tax ID"),
                 'name': self.env._("same name")}
        return listed(self.env, [words[kind] for kind in kinds])

    # ------------------------------------------------------------
    # FINDING THEM
    # ------------------------------------------------------------

    @api.model
    def _compare(self, partners):
        """Compare these contacts as the settings say: where nobody wants to know of duplicates, their names are kept all the
        same, as sheets are read by them.

        :param partners: res.partner
        :return: the pairs that are new
        """
        if self.env['res.config.settings']._customer_success('duplicate_check'):
            return self._look(partners)
        self.env['customer.duplicate.key']._remember(partners)
        return self.browse()

    @api.model
    def _look(self, partners):
        """Compare these contacts with all others, and keep what was found; pairs of theirs that do not hold any more go.

        :param partners: res.partner
        :return: the pairs that are new
        """
        self.env['customer.duplicate.key']._remember(partners)
        ids = partners.ids
        for model in ('res.partner', 'res.users', 'res.company', self._name):
            self.env[model].flush_model()
        rows = self.env.execute_query(SQL(
            """WITH pair AS MATERIALIZED (%(pairs)s),
                    gone AS (
                    DELETE FROM customer_duplicate d
                     WHERE d.state = 'open' AND (d.partner_id = ANY(%(ids)s) OR d.other_id = ANY(%(ids)s))
                       AND NOT EXISTS (SELECT 1 FROM pair w WHERE w.partner_id = d.partner_id AND w.other_id = d.other_id))
             INSERT INTO customer_duplicate (
                      partner_id, other_id, same_email, same_phone, same_vat, same_name, state, found_on,
                      create_uid, create_date, write_uid, write_date)
                    SELECT partner_id, other_id, same_email, same_phone, same_vat, same_name, 'open', %(today)s,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM pair
               ON CONFLICT (partner_id, other_id) DO UPDATE
                       SET same_email = EXCLUDED.same_email, same_phone = EXCLUDED.same_phone,
                           same_vat = EXCLUDED.same_vat, same_name = EXCLUDED.same_name
                 RETURNING id, xmax = 0""",
            pairs=self._pairs_sql(SQL(
                """SELECT partner_id, kind, value FROM customer_duplicate_key
                    WHERE partner_id = ANY(%s) AND value IS NOT NULL AND kind <> %s""",
                ids, PERSON)),
            ids=ids, today=fields.Date.context_today(self), uid=self.env.uid, now=self.env.cr.now()))
        self.invalidate_model()
        return self.browse(pair_id for pair_id, is_new in rows if is_new)

    @api.model
    def _pairs_sql(self, keys):
        """Return SQL with the pairs that contacts are in, the smaller id first, and what is the same of them.

        :param SQL keys: selects ``partner_id`` (0 for one that is not saved), ``kind`` and ``value`` of the contacts
        """
        same = SQL(", ").join(SQL("bool_or(m.kind = %s) AS %s", kind, SQL.identifier(f'same_{kind}')) for kind in KINDS)
        return SQL(
            """WITH mine AS MATERIALIZED (%(keys)s),
                    told AS MATERIALIZED (
                    -- what too many customers share says nothing of any of them
                    SELECT k.kind, k.value
                      FROM (SELECT DISTINCT kind, value FROM mine) AS d
                      JOIN customer_duplicate_key k ON k.kind = d.kind AND k.value = d.value
                      JOIN res_partner p ON p.id = k.partner_id
                  GROUP BY k.kind, k.value HAVING count(DISTINCT p.commercial_partner_id) <= %(shared)s
                    )
             SELECT LEAST(m.partner_id, k.partner_id) AS partner_id, GREATEST(m.partner_id, k.partner_id) AS other_id, %(same)s
               FROM mine m
               JOIN told ON told.kind = m.kind AND told.value = m.value
               JOIN customer_duplicate_key k ON k.kind = m.kind AND k.value = m.value AND k.partner_id <> m.partner_id
               JOIN res_partner other ON other.id = k.partner_id AND other.active
          LEFT JOIN res_partner own ON own.id = m.partner_id
              WHERE (own.id IS NULL OR (
                     own.commercial_partner_id <> other.commercial_partner_id
                     AND own.parent_id IS DISTINCT FROM other.id AND other.parent_id IS DISTINCT FROM own.id
                     AND (own.parent_id IS NULL OR own.parent_id IS DISTINCT FROM other.parent_id)
                     AND (own.company_id IS NULL OR other.company_id IS NULL OR own.company_id = other.company_id)
                     AND (m.kind <> 'name' OR own.country_id IS NULL OR other.country_id IS NULL
                          OR own.country_id = other.country_id)))
                AND NOT EXISTS (SELECT 1 FROM res_users u WHERE u.partner_id = other.id AND u.share IS NOT TRUE)
                AND NOT EXISTS (SELECT 1 FROM res_users u WHERE u.partner_id = m.partner_id AND u.share IS NOT TRUE)
                AND NOT EXISTS (SELECT 1 FROM res_company c WHERE c.partner_id IN (other.id, m.partner_id))
           GROUP BY 1, 2""",
            keys=keys, same=same, shared=self.env['res.config.settings']._customer_success('duplicate_shared'))

    @api.model
    def _entered(self, partners):
        """Compare contacts that were just entered or changed; where that was no form, whoever did it is told once.

        :param partners: res.partner
        """
        if not partners:
            return
        found = self._compare(partners)
        if found and not self.env.context.get('install_mode'):
            precommit = self.env.cr.precommit
            waiting = precommit.data.setdefault('customer.duplicate', [])
            if not waiting:
                precommit.add(self._tell_waiting)
            waiting.extend(found.ids)

    @api.model
    def _tell_waiting(self):
        """Tell whoever brought contacts how many of them may be there already, in one line."""
        found = self.browse(self.env.cr.precommit.data.pop('customer.duplicate', [])).exists()
        if found:
            self.env.user._bus_send('simple_notification', {
                'type': 'warning', 'title': self.env._("Possible duplicates"),
                'message': plural(
                    len(found),
                    self.env._("%(pair)s may be the same. They stand in the list of possible duplicates.",
                               pair=found[:1].display_name),
                    self.env._("%(count)s pairs of contacts may be the same. They stand in the list of possible duplicates.",
                               count=len(found)))})

    @api.model
    def _similar(self, partners):
        """Return the contacts that each of these may be the same as, whether it is saved or not; one statement for all.

        :return: by contact, those that the user may see, with what is the same
        :rtype: dict[res.partner, dict[res.partner, list[str]]]
        """
        keys, by_place = [], {}
        for partner in partners:
            place = partner._origin.id or -1 - len(by_place)
            by_place[place] = partner
            # values that are shown on the form, whoever may read the rest of the contact
            own = self.env['customer.duplicate.key']._keys_of(partner.sudo())
            keys += [(place, kind, value) for kind, value in own.items()]
        if not keys:
            return {}
        self.env['res.partner'].flush_model(['active', 'parent_id', 'company_id', 'country_id', 'commercial_partner_id'])
        rows = self.env.execute_query(self._pairs_sql(SQL(
            "SELECT partner_id, kind, value FROM unnest(%s, %s, %s::varchar[]) AS q (partner_id, kind, value)",
            *(list(column) for column in zip(*keys, strict=True)))))
        different = self._different([row for row in rows if row[0] > 0])
        others = partners.browse({other_id for row in rows for other_id in row[:2] if other_id > 0})
        readable, result = others._filtered_access('read'), {}
        for first, second, *same in rows:
            for place, other in ((first, second), (second, first)):
                partner = by_place.get(place)
                if partner and other > 0 and (first, second) not in different and partners.browse(other) in readable:
                    result.setdefault(partner, {})[partners.browse(other)] = [
                        kind for kind, is_same in zip(KINDS, same, strict=True) if is_same]
        return {partner: {other: same for other, same in found.items() if self._is_candidate(partner, other)}
                for partner, found in result.items()}

    @api.model
    def _say_similar(self, similar):
        """Return which contacts may be the same, in words.

        :param similar: dict of res.partner and names of kinds, or None
        """
        if not similar:
            return False
        return listed_first(self.env, [
            self.env._("%(contact)s (%(reasons)s)", contact=other.display_name, reasons=self._say_reasons(kinds))
            for other, kinds in similar.items()], NAMED)

    @api.model
    def _is_candidate(self, partner, other):
        """Return whether a contact on a form, saved or not, may be another one, by what stands on the form."""
        parents = partner.parent_id._origin
        return other != parents and (not parents or other.commercial_partner_id != parents.commercial_partner_id)

    @api.model
    def _different(self, rows):
        """Return which of these pairs people know to be different."""
        if not rows:
            return set()
        pairs = self.sudo().search(  # what a colleague decided holds for everybody
            [('state', '=', 'different'), ('partner_id', 'in', [row[0] for row in rows])])
        return {(pair.partner_id.id, pair.other_id.id) for pair in pairs}

    # ------------------------------------------------------------
    # BY NIGHT
    # ------------------------------------------------------------

    @api.model
    def _compare_anew(self):
        """Have all contacts compared anew, by other rules, as soon as possible."""
        self.env['customer.duplicate.key'].sudo()._forget_names()  # kept by the addon
        if cron := self.env.ref('customer_success.ir_cron_duplicates', raise_if_not_found=False):  # rules come before it
            cron.sudo()._trigger()  # whoever may change the rules

    @api.model
    @in_company_zone
    def _cron_look(self):
        """Look at contacts that nobody has looked at yet, batch by batch."""
        keys = self.env['customer.duplicate.key']
        with self.env['customer.run']._measure('duplicates') as run:
            found = []

            def work():
                partners = keys._unknown(BATCH)
                found.extend(self._compare(partners).ids)
                return len(partners)

            self.env['customer.routine']._repeat(work, keys._count_unknown)
            run['done'] = len(found)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def _check_may_decide(self):
        """Refuse to decide of contacts that the user does not work with.

        :raises AccessError: when both are colleagues' customers
        """
        for pair in self.sudo():  # which contacts they are, to say so
            customers = (pair.partner_id + pair.other_id).commercial_partner_id.with_env(self.env)
            if not customers._filtered_worked_with():
                raise AccessError(self.env._(
                    "%(pair)s are looked after by colleagues. Ask one of them, or your team leader.", pair=pair.display_name))

    def action_different(self):
        """Remember that these are not the same; they are not shown again."""
        self._check_may_decide()
        # found by the addon, and not for writing
        self.sudo().write({'state': 'different', 'decided_by_id': self.env.uid})
        return True

    def action_reopen(self):
        """Look at these again after all."""
        self._check_may_decide()
        self.sudo().write({'state': 'open', 'decided_by_id': False})  # as above
        return True

    def action_merge(self):
        """Open Odoo's dialog that merges the contacts of these pairs.

        :raises UserError: when they are more than one can merge at a time
        """
        partners = self.partner_id | self.other_id
        if len(partners) > 3:
            raise UserError(self.env._("Three contacts can be merged at a time. Choose fewer."))
        return partners._customer_merge_action()
