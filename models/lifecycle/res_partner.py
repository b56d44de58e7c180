from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..platform.counted import days
from ..platform.local_text import day_text
from ..profile.res_partner import GROUP_USER, PREFETCH
from .customer_onboarding import PACES


class ResPartner(models.Model):
    """Where a customer stands with us, since when and why; and that it was lost (LIF-3, LIF-4)."""

    _inherit = 'res.partner'

    customer_stage_id = fields.Many2one(
        comodel_name='customer.stage', string="Stage", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', groups=GROUP_USER, prefetch=PREFETCH,
        help="Where this customer stands with us, by the rules of the stages or set by hand.")
    customer_stage_color = fields.Integer(compute='_compute_customer_stage_color', groups=GROUP_USER)
    customer_stage_since = fields.Date(
        string="In This Stage Since", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_stage_manual_id = fields.Many2one(
        comodel_name='customer.stage', string="Stage Set by Hand", readonly=True, copy=False, ondelete='restrict',
        groups=GROUP_USER, prefetch=PREFETCH)
    customer_stage_manual_until = fields.Date(
        string="Stage by Hand Until", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_stage_manual_reason = fields.Char(
        string="Why the Stage Was Set", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_stage_change_ids = fields.One2many(
        comodel_name='customer.stage.change', inverse_name='partner_id', string="Stage History", readonly=True,
        groups=GROUP_USER)
    customer_loss_ids = fields.One2many(
        comodel_name='customer.loss', inverse_name='partner_id', string="Losses", readonly=True, groups=GROUP_USER)
    customer_loss_proposed = fields.Boolean(
        string="Proposed as Lost", compute='_compute_customer_loss_proposed', search='_search_customer_loss_proposed',
        groups=GROUP_USER, help="In its stage for so long that the stage proposes it as lost.")
    customer_onboarding_ids = fields.One2many(
        comodel_name='customer.onboarding', inverse_name='partner_id', string="Onboardings", groups=GROUP_USER)
    customer_onboarding_text = fields.Char(
        string="How the Onboarding Stands", compute='_compute_customer_onboarding', groups=GROUP_USER,
        help="How the running onboarding stands, and what is missing.")
    customer_onboarding_why = fields.Char(
        string="Onboarding in Short", compute='_compute_customer_onboarding', groups=GROUP_USER)
    customer_onboarding_pace = fields.Selection(
        selection=PACES, string="Onboarding Pace", compute='_compute_customer_onboarding',
        search='_search_customer_onboarding_pace', groups=GROUP_USER)

    @api.depends('customer_stage_id')
    def _compute_customer_stage_color(self):
        badges = self.env['customer.stage']._get_badges()
        for partner in self:
            partner.customer_stage_color = badges.get(partner.customer_stage_id.id, (False, 0))[1]

    @api.depends('customer_managed', 'customer_stage_id', 'customer_stage_since')
    def _compute_customer_loss_proposed(self):
        after, today = self.env['customer.stage']._get_lost_after(), fields.Date.context_today(self)
        for partner in self:
            limit, since = after.get(partner.customer_stage_id.id), partner.customer_stage_since
            partner.customer_loss_proposed = bool(
                limit and since and partner.customer_managed and (today - since).days >= limit)

    def _search_customer_loss_proposed(self, operator, value):
        if operator != 'in':
            return NotImplemented
        today = fields.Date.context_today(self)
        proposed = Domain('customer_managed', '=', True) & Domain.OR(
            Domain('customer_stage_id', '=', stage_id)
            & Domain('customer_stage_since', '<=', fields.Date.subtract(today, days=limit))
            for stage_id, limit in self.env['customer.stage']._get_lost_after().items())
        return Domain.OR(proposed if wanted else ~proposed for wanted in value)

    @api.model
    def _get_customer_system_fields(self):
        return super()._get_customer_system_fields() | {
            'customer_stage_id', 'customer_stage_since', 'customer_stage_manual_id', 'customer_stage_manual_until',
            'customer_stage_manual_reason',
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_customer_stage_dialog(self):
        """Open the dialog that explains the stage, says what to do in it and lets a leader set it by hand."""
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Stage"),
            'res_model': 'customer.stage.dialog',
            'view_mode': 'form',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_partner_ids': self.commercial_partner_id.ids},
        }

    def action_customer_mark_lost(self):
        """Open the dialog that marks this customer as lost."""
        self._customer_one()
        partner = self.commercial_partner_id
        partner._check_may_be_lost()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Mark as Lost"),
            'res_model': 'customer.loss.mark',
            'view_mode': 'form',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_partner_id': partner.id},
        }

    def action_customer_referrals(self):
        """Open whom this customer referred to us, and who referred it."""
        self._customer_one()
        partner = self.commercial_partner_id
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_referral_action')
        return {
            **action, 'domain': ['|', ('referrer_id', '=', partner.id), ('partner_id', '=', partner.id)],
            'context': {'default_referrer_id': partner.id,
                        'default_referrer_contact_id': self.id if self != partner else False}}

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _check_may_be_lost(self):
        """Refuse to mark partners as lost that are no customers, are lost already, or belong to others."""
        self._check_works_with()
        for partner in self:
            if not partner.customer_managed:
                raise UserError(self.env._(
                    "%(customer)s is no customer under care, so it can't be lost.", customer=partner.display_name))
            # a loss that the user doesn't see counts too
            lost = partner.sudo().customer_loss_ids.filtered(lambda loss: loss.state == 'lost')
            if lost:
                raise UserError(self.env._(
                    "%(customer)s is marked as lost already. %(loss)s", customer=partner.display_name,
                    loss=lost[:1]._describe()))

    def _set_stage_by_hand(self, stage, reason, until=False):
        """Keep these customers in a stage until a day, whatever the rules say.

        :param stage: the stage
        :param str reason: why, kept in the history
        :param until: the last day, or nothing for no end
        :raises ValidationError: when there is no reason, or the end is past
        """
        if not stage:
            raise ValidationError(self.env._("Choose the stage that these customers are to stand in."))
        if not (reason or '').strip():
            raise ValidationError(self.env._("Please say why these customers stand in another stage."))
        if until and until < fields.Date.context_today(self):
            raise ValidationError(self.env._("The stage set by hand would already have ended. Choose a day to come."))
        self.write({
            'customer_stage_manual_id': stage.id,
            'customer_stage_manual_until': until,
            'customer_stage_manual_reason': reason,
        })
        last_id = self.env['customer.stage.change'].search([], order='id desc', limit=1).id
        self.env['customer.stager']._refresh(self.ids)
        self.env['customer.stage.change'].search([
            ('partner_id', 'in', self.ids), ('id', '>', last_id), ('cause', '=', 'manual')]).write({'user_id': self.env.uid})

    def _end_stage_by_hand(self):
        """Let the rules decide again about these customers."""
        by_hand = self.filtered('customer_stage_manual_id')
        by_hand.write({'customer_stage_manual_until': fields.Date.subtract(fields.Date.context_today(self), days=1)})
        self.env['customer.stager']._refresh(by_hand.ids)

    def _stage_days(self):
        """Return for how many days this customer has been in its stage."""
        self.ensure_one()
        since = self.customer_stage_since
        return max((fields.Date.context_today(self) - since).days, 0) if since else 0

    def _customer_strip(self):
        """Add the ``stage`` with ``name``, ``color``, for how long (``days``) and ``what`` to do in it, and the ``loss`` with
        its ``text`` and whether it is only ``proposed``."""
        strip, badges = super()._customer_strip(), self.env['customer.stage']._get_badges()
        name, color = badges.get(self.customer_stage_id.id, (False, 0))
        strip['stage'] = bool(name) and {
            'name': name, 'color': color, 'days': days(self.env, self._stage_days()),
            'what': self.customer_stage_id.instructions or ''}
        strip['loss'] = self._describe_loss()
        return strip

    def _describe_loss(self):
        """Return what the strip says of a loss, or False."""
        self.ensure_one()
        loss = self.customer_loss_ids.filtered(lambda loss: loss.state == 'lost')[:1]
        if loss:
            return {'text': " ".join(filter(None, [loss._describe(), loss.advice])), 'proposed': False}
        if self.customer_loss_proposed and self._filtered_worked_with():
            return {'proposed': True, 'text': self.env._(
                "In the stage “%(stage)s” for %(days)s: is it lost?", stage=self.customer_stage_id.name,
                days=days(self.env, self._stage_days()))}
        return False

    def _explain_stage(self):
        """Return sentences that say why this customer stands where it stands.

        :rtype: list[str]
        """
        self.ensure_one()
        change = self.customer_stage_change_ids.filtered('new_stage_id')[:1]
        lines = []
        if self.customer_stage_since:
            lines.append(self.env._(
                "In the stage “%(stage)s” since %(day)s (%(days)s).", stage=self.customer_stage_id.name,
                day=day_text(self.env, self.customer_stage_since, 'yMMMd'), days=days(self.env, self._stage_days())))
        if change and change.new_stage_id == self.customer_stage_id:
            lines.append(self.env._("Because: %(why)s.", why=change.why))
        if self.customer_stage_manual_id:
            lines.append(self.env._(
                "Set to “%(stage)s” by hand until %(until)s: %(reason)s", stage=self.customer_stage_manual_id.name,
                until=day_text(self.env, self.customer_stage_manual_until, 'yMMMd')
                if self.customer_stage_manual_until else self.env._("further notice"),
                reason=self.customer_stage_manual_reason))
        else:
            lines += self._explain_next_stage()
        loss = self.customer_loss_ids.filtered(lambda loss: loss.state != 'withdrawn')[:1]
        return lines + ([loss._describe()] if loss else [])

    def _explain_next_stage(self):
        """Return a sentence about the stage that the rules say today, where that is another one, and what holds the customer."""
        stager, stage = self.env['customer.stager'].sudo(), self.customer_stage_id  # a stage is one for all users
        self.env.flush_all()
        rules = self.env['customer.stage.rule']._get_rules()
        rows = self.env.execute_query(SQL(
            "SELECT place, new_stage_id FROM (%s) AS verdict", stager._verdict_sql(rules, self.ids)))
        if not rows or rows[0][0] is None:
            return []
        rule = rules[rows[0][0]]
        said = self.env['customer.stage'].browse(rule.stage_id)
        if said == stage:
            return []
        if rows[0][1] == stage.id:
            free = fields.Date.add(self.customer_stage_since, days=stage.minimum_stay_days)
            return [self.env._(
                "The rules would put it into “%(stage)s” by now; by the minimum stay it goes there on %(day)s at the earliest.",
                stage=said.name, day=day_text(self.env, free, 'yMMMd'))]
        return [self.env._("The rules put it into “%(stage)s” by now: it goes there tonight.", stage=said.name)]

    # ------------------------------------------------------------
    # ONBOARDINGS
    #
    # What keeps a customer who signed from being at home with us.
    # ------------------------------------------------------------

    @api.depends('customer_onboarding_ids.state', 'customer_onboarding_ids.next_due', 'customer_onboarding_ids.item_ids.done_at')
    @api.depends_context('uid', 'lang', 'tz')
    def _compute_customer_onboarding(self):
        onboardings = self.env['customer.onboarding']
        running = onboardings
        if self.ids and onboardings.has_access('read'):
            running = onboardings.search([('partner_id', 'in', self.ids), ('state', '=', 'running')])
        by_partner = running.grouped('partner_id')
        for partner in self:
            own = by_partner.get(partner._origin, onboardings)[:1]
            partner.customer_onboarding_pace = own.pace
            partner.customer_onboarding_why = own.why
            partner.customer_onboarding_text = (
                self.env._("%(why)s. Missing: %(missing)s", why=own.why, missing=own.missing) if own.missing else own.why)

    def _search_customer_onboarding_pace(self, operator, value):
        if operator != 'in':
            return NotImplemented
        found = [('customer_onboarding_ids', 'any', [('pace', 'in', [pace for pace in value if pace])])]
        return found if False not in value else ['|', *found, ('customer_onboarding_ids', 'not any', [('state', '=', 'running')])]

    @api.readonly
    def get_customer_now(self):
        """Add how the onboarding stands, behind what is louder."""
        lines = super().get_customer_now()
        if self.customer_managed and self.customer_onboarding_pace:
            late = self.customer_onboarding_pace != 'track'
            line = {'level': 'warning' if late else 'info', 'word': self.env._("Onboarding"),
                    'text': self.customer_onboarding_text}
            louder = ('danger', 'warning') if late else ('danger', 'warning', 'success')
            place = sum(other['level'] in louder for other in lines)
            lines = [*lines[:place], line, *lines[place:]]
        return lines

    def action_customer_onboarding(self):
        """Open the onboardings of this customer."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_onboarding_action')
        action['domain'] = [('partner_id', '=', self.commercial_partner_id.id)]
        action['context'] = {}
        return action
