from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import float_compare, format_amount


class CustomerCareLedger(models.AbstractModel):
    """What may be spent on a customer, and what was: decided here and nowhere else (CUL-6).

    Amounts are counted by customer, kind of care, calendar year and company, in the company's currency.
    """

    _name = 'customer.care.ledger'
    _description = "Ledger of Customer Care"

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    @api.model
    def _rule_amounts(self):
        """Return the budgets that follow from rules, each in the currency of its company.

        A company's own budgets come before those of all companies, and the budget of a tier before that of all others.

        :return: the amount by company id, kind id and tier id (0: customers without a tier)
        :rtype: dict[tuple[int, int, int], float]
        """
        rules = self.env['customer.care.budget.rule'].sudo().search([])  # budgets bind everybody
        companies = self.env['res.company'].sudo().search([])  # as above
        tier_ids = [0, *self.env['customer.tier'].sudo().search([]).ids]  # as above
        amounts = {}
        for rule in rules.sorted(lambda rule: (bool(rule.company_id), bool(rule.tier_ids))):
            for company in rule.company_id or companies:
                amount = self._convert(rule.amount, rule.currency_id, company)
                for tier_id in rule.tier_ids.ids or tier_ids:
                    amounts[company.id, rule.kind_id.id, tier_id] = amount
        return amounts

    @api.model
    def _convert(self, amount, currency, company):
        """Return an amount of a rule in a company's currency, at a rate that does not change within the year."""
        new_year = fields.Date.context_today(self).replace(month=1, day=1)
        return currency._convert(amount, company.currency_id, company, new_year)

    @api.model
    def _gift_limits(self, company):
        """Return the limit for one gift and that for a person and year in the company's currency; 0: no limit.

        :rtype: tuple[float, float]
        """
        setting = self.env['res.config.settings']._customer_success
        main = self.env['customer.registry']._main_company().sudo()  # the settings are in its currency, whoever asks
        company = company.sudo()  # its currency is no secret to whoever books for it
        return tuple(
            self._convert(setting(name), main.currency_id, company)
            for name in ('care_gift_limit', 'care_gift_year_limit'))

    # ------------------------------------------------------------
    # WHAT WAS SPENT
    # ------------------------------------------------------------

    @api.model
    def _standing(self, keys, without=()):
        """Return budget and spending.

        :param keys: tuples of customer id, kind id, year (text) and company id
        :param without: ids of expenses to leave out
        :return: by key the budget, None where there is none, and what was spent, by whomever
        :rtype: dict[tuple, tuple[float | None, float]]
        """
        if not keys:
            return {}
        partner_ids, kind_ids, years, company_ids = (list(set(ids)) for ids in zip(*keys, strict=True))
        same = Domain('partner_id', 'in', partner_ids) & Domain('kind_id', 'in', kind_ids) \
            & Domain('year', 'in', years) & Domain('company_id', 'in', company_ids)
        # what colleagues spent counts, whether the user may see it or not
        expenses = self.env['customer.care.expense'].sudo()
        spent = {
            (partner.id, kind.id, year, company.id): amount
            for partner, kind, year, company, amount in expenses._read_group(
                same & Domain('direction', '=', 'given') & Domain('id', 'not in', list(without)),
                ['partner_id', 'kind_id', 'year', 'company_id'], ['amount:sum'])}
        own = {
            (budget.partner_id.id, budget.kind_id.id, budget.year, budget.company_id.id): budget.amount
            for budget in self.env['customer.care.budget'].sudo().search(same)}  # as above
        rules = self._rule_amounts()
        partners = self.env['res.partner'].sudo().browse(partner_ids)  # the tier of a customer decides, whoever books
        tiers = {partner.id: partner.customer_tier_id.id or 0 for partner in partners}
        return {
            key: (own.get(key, rules.get((key[3], key[1], tiers[key[0]]))), spent.get(key, 0.0)) for key in keys}

    @api.model
    def _given_to(self, people, company, without=()):
        """Return what recipients got, or gave us, over all companies, in the currency of one.

        :param people: tuples of contact id, year (text) and direction
        :param without: ids of expenses to leave out
        :rtype: dict[tuple, float]
        """
        given = dict.fromkeys(people, 0.0)
        if not given:
            return given
        contact_ids, years, directions = (list(set(ids)) for ids in zip(*people, strict=True))
        rows = self.env['customer.care.expense'].sudo()._read_group(  # gifts of colleagues count as well
            Domain('contact_id', 'in', contact_ids) & Domain('year', 'in', years) & Domain('direction', 'in', directions)
            & Domain('kind_id.is_gift', '=', True) & Domain('id', 'not in', list(without)),
            ['contact_id', 'year', 'direction', 'company_id'], ['amount:sum'])
        for contact, year, direction, payer, amount in rows:
            if (contact.id, year, direction) in given:
                # the currency of a company is no secret to whoever books for it
                given[contact.id, year, direction] += self._convert(amount, payer.currency_id, company.sudo())
        return given

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    @api.model
    def _describe_budget(self, partner, kind, day, company, amount, without=()):
        """Return in a sentence what is left of a budget, and what this amount does to it.

        :return: the sentence, and ``ok``, ``near`` (nearly used up) or ``over``
        :rtype: tuple[str, str]
        """
        year = str(day.year)
        key = (partner.id, kind.id, year, company.id)
        budget, spent = self._standing([key], without)[key]
        currency = company.sudo().currency_id  # whoever logs a contact sees its currency

        def money(value):
            return format_amount(self.env, value, currency)

        if budget is None:
            return self.env._("%(kind)s %(year)s: no budget is set for this customer.", kind=kind.name, year=year), 'ok'
        over = spent + amount - budget
        if float_compare(over, 0, precision_rounding=currency.rounding) > 0:
            return self.env._(
                "%(kind)s %(year)s: %(left)s of %(budget)s is left. This would go %(over)s over the budget.",
                kind=kind.name, year=year, left=money(max(budget - spent, 0)), budget=money(budget), over=money(over)), 'over'
        near = self.env['res.config.settings']._customer_success('care_near_percent')
        level = 'near' if budget and 100 * (spent + amount) / budget >= near else 'ok'
        return self.env._(
            "%(kind)s %(year)s: %(left)s of %(budget)s is left after this.",
            kind=kind.name, year=year, left=money(-over), budget=money(budget)), level

    @api.model
    def _describe_gift(self, contact, day, company, amount, direction='given', without=()):
        """Return in a sentence why a gift is above a limit, or nothing when it is not."""
        per_gift, per_year = self._gift_limits(company)
        currency = company.sudo().currency_id  # as above
        year = str(day.year)

        def above(value, limit):
            return limit and float_compare(value, limit, precision_rounding=currency.rounding) > 0

        if above(amount, per_gift):
            return self.env._(
                "A gift of %(amount)s is above the limit of %(limit)s for one gift.",
                amount=format_amount(self.env, amount, currency), limit=format_amount(self.env, per_gift, currency))
        person = (contact.id, year, direction)
        already = self._given_to([person], company, without)[person]
        if above(already + amount, per_year):
            values = {
                'name': contact.display_name, 'year': year, 'already': format_amount(self.env, already, currency),
                'amount': format_amount(self.env, amount, currency), 'limit': format_amount(self.env, per_year, currency)}
            return self.env._(
                "%(name)s already gave %(already)s in %(year)s; with these %(amount)s it is above the limit of %(limit)s for "
                "a person and year.", **values) if direction == 'received' else self.env._(
                "%(name)s already got %(already)s in %(year)s; with these %(amount)s it is above the limit of %(limit)s for "
                "a person and year.", **values)
        return ''
