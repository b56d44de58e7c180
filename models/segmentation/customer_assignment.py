import re

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..platform.counted import customers as in_customers
from ..platform.local_text import listed
from .customer_assigner import PLACES


class CustomerAssignment(models.Model):
    """Somebody who was put in a place of a customer's care team by a rule, with the sentence that says why; or a place that
    somebody emptied by hand, which no rule fills again (SEG-9)."""

    _name = 'customer.assignment'
    _description = "Assignment"
    _order = 'create_date desc, id desc'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    place = fields.Selection(
        selection=[
            ('manager', "Account manager"), ('backup', "Backup"), ('expert', "Technical contact"), ('team', "Regional team")],
        string="As What", required=True, readonly=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Who", readonly=True, index='btree_not_null', ondelete='set null')
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Which Team", readonly=True, index='btree_not_null', ondelete='set null')
    rule_id = fields.Many2one(
        comodel_name='customer.assignment.rule', string="By Rule", readonly=True, index='btree_not_null', ondelete='restrict')
    by_hand = fields.Boolean(string="Left Empty by Hand", readonly=True)
    facts = fields.Json(string="What Speaks for It", readonly=True, help="What the sentence is made of.")
    sentence = fields.Char(string="Why", compute='_compute_sentence')
    moment = fields.Datetime(related='create_date', string="Assigned On")
    done_by_id = fields.Many2one(related='create_uid', string="Assigned By")
    handover_id = fields.Many2one(
        comodel_name='customer.handover', string="Hand-over", readonly=True, index='btree_not_null', ondelete='set null')
    state = fields.Selection(
        selection=[('done', "Assigned"), ('undone', "Taken back")], string="Status", default='done', required=True,
        readonly=True)
    may_undo = fields.Boolean(compute='_compute_may_undo')

    @api.depends('partner_id', 'place')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for assignment in self:
            assignment.display_name = self.env._(
                "%(customer)s: %(place)s", customer=assignment.partner_id.sudo().display_name,  # it is in the list anyway
                place=assignment._place_label(assignment.place))

    @api.depends('place', 'user_id', 'team_id', 'rule_id', 'facts', 'by_hand')
    @api.depends_context('lang')
    def _compute_sentence(self):
        for assignment in self:
            own = assignment.sudo()  # names of colleagues and teams are no secret
            if own.by_hand:
                assignment.sentence = self.env._(
                    "Left empty by %(user)s: the rules leave it so.", user=own.create_uid.name or self.env._("nobody"))
            else:
                who = own.user_id.name or own.team_id.name or self.env._("nobody")
                assignment.sentence = self._say_given(self.env, own.place, who, own.rule_id.name, own.facts)

    @api.depends('state', 'create_date', 'create_uid')
    @api.depends_context('uid')
    def _compute_may_undo(self):
        since = self.env['customer.handover']._back_since()
        manager = self.env.user.has_group('customer_success.group_customer_success_manager')
        for assignment in self:
            assignment.may_undo = (
                assignment.state == 'done' and not assignment.by_hand and assignment.create_date >= since
                and (manager or assignment.create_uid == self.env.user))

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    @api.model
    def _place_label(self, place):
        """Return what a place is called, in the user's language."""
        return dict(self._fields['place']._description_selection(self.env))[place]

    @api.model
    def _say(self, env, given):
        """Return why somebody is put in a place, as a sentence.

        :param env: of the reader
        :param given: ``Given``, see ``customer.assigner``
        """
        model = 'crm.team' if given.place == 'team' else 'res.users'
        who = env[model].sudo().browse(given.to_id)  # names of colleagues and teams are no secret
        rule = env['customer.assignment.rule'].sudo().browse(given.rule_id)  # as above
        return self._say_given(env, given.place, who.name, rule.name, given.facts)

    @api.model
    def _say_given(self, env, place, who, rule, facts):
        values = {'who': who, 'rule': rule or '–', 'facts': listed(env, self._say_facts(env, facts or {}))}
        if place == 'backup':
            return env._("%(who)s stands in by the rule “%(rule)s”: %(facts)s", **values)
        if place == 'manager':
            return env._("Assigned to %(who)s by the rule “%(rule)s”: %(facts)s", **values)
        return env._("%(who)s by the rule “%(rule)s”", **values)

    @api.model
    def _say_facts(self, env, facts):
        """Return the reasons of an assignment, each in words."""
        texts = [env._("speaks %(language)s", language=self._language_name(env, code)) for code in facts.get('speaks', ())]
        texts += [self._say_known(env, name, key) for name, key in sorted((facts.get('knows') or {}).items())
                  if not (name == 'language' and key in facts.get('speaks', ()))]
        if backups := facts.get('backups'):
            texts.append(env._("backup of %(count)s", count=backups))
        if load := facts.get('load'):
            limit, plain = facts.get('limit'), load == facts.get('customers')
            values = {'load': load, 'limit': limit}
            texts.append(
                (env._("%(load)s of at most %(customers)s", load=load, customers=in_customers(env, limit)) if plain
                 else env._("load %(load)s of at most %(limit)s", **values)) if limit
                else env._("customers now: %(load)s", **values) if plain else env._("load now: %(load)s", **values))
        return texts

    @api.model
    def _say_known(self, env, name, key):
        """Return in words what somebody knows of what a customer needs; wings add theirs.

        :param str name: see ``customer.assigner._knowledge``
        :param str key: what the customer needs
        """
        if name == 'language':
            return env._("speaks %(language)s", language=self._language_name(env, key))
        return env._("knows the industry %(industry)s", industry=self._name_of(env, 'res.partner.industry', int(key)))

    @api.model
    def _language_name(self, env, code):
        """Return what a language is called: without the country, and without its own name for itself."""
        known = env.cr.cache.setdefault('customer_language_names', {})
        if not known:
            languages = env['res.lang'].sudo().with_context(active_test=False).search([], order='id desc')  # these are no secret
            # the form that came first stands for the language, and the one without a country before it
            for language in languages.sorted(lambda one: one.code.count('_'), reverse=True):
                known[language.code.split('_')[0].split('@')[0]] = re.split(r' [/(]|,', language.name)[0]
        return known.get(code, code)

    @api.model
    def _name_of(self, env, model, record_id):
        """Return the name of what somebody knows, or a dash where that is gone; asked for many customers alike."""
        known = env.cr.cache.setdefault('customer_knowledge_names', {})
        key = env.lang, model, record_id
        if key not in known:
            known[key] = env[model].sudo().browse(record_id).exists().name or '–'  # names of rules and lists are no secret
        return known[key]

    @api.model
    def _say_why(self, env, why, rule):
        """Return why nobody was found for a place, as a sentence.

        :param str why: one of the keys below
        :param str rule: name of the first rule that fits, if any
        """
        return {
            'none': lambda: env._("No rule fits."),
            'hand': lambda: env._("Somebody left the place empty by hand."),
            'able': lambda: env._("Nobody of the rule “%(rule)s” works in their company.", rule=rule),
            'closed': lambda: env._("Nobody of the rule “%(rule)s” gets new customers at present.", rule=rule),
            'away': lambda: env._("Everybody of the rule “%(rule)s” is away for long.", rule=rule),
            'knows': lambda: env._("Nobody of the rule “%(rule)s” knows what they need.", rule=rule),
            'full': lambda: env._("Everybody of the rule “%(rule)s” has as many customers as they may.", rule=rule),
            'other': lambda: env._("It would go to another team. Its leader or a manager assigns it."),
        }[why]()

    # ------------------------------------------------------------
    # TAKING IT BACK
    # ------------------------------------------------------------

    def action_undo(self):
        """Empty the places again that these assignments filled, where nobody changed them since.

        :raises UserError: when it is too late, or when somebody else did it
        """
        self.check_access('read')
        for assignment in self:
            if assignment.state != 'done' or not assignment.may_undo:
                raise UserError(self.env._(
                    "“%(assignment)s” can't be taken back. %(rule)s Change it by hand.",
                    assignment=assignment.display_name, rule=self.env['customer.handover']._say_back()))
        own = self.sudo()  # who assigned it may not see the customer any more
        handovers = own.handover_id.filtered(lambda handover: handover.state == 'done')
        if handovers:
            handovers._undo(self.env.user)
        for assignment in own:
            name = PLACES[assignment.place]
            given = assignment.team_id if assignment.place == 'team' else assignment.user_id
            if assignment.place != 'manager' and assignment.partner_id[name] == given:
                assignment.partner_id._empty_care_place(name)
        own.write({'state': 'undone'})
        return True

    def action_open_customer(self):
        """Open the customer's form."""
        self._customer_one()
        return self.partner_id._customer_open()
