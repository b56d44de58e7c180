from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.local_day import in_company_zone
from ..platform.counted import plural

#: Since when profiles are asked about: kept when that is switched on.
SINCE = 'customer_success.confirm_since'

#: Whoever corrects one of these looked at the profile; those that an administrator requires count besides.
NOTED_FIELDS = {
    'name', 'email', 'phone', 'website', 'street', 'street2', 'zip', 'city', 'state_id', 'country_id', 'industry_id', 'vat',
    'function', 'customer_needs', 'customer_demand_type_id', 'customer_source_id', 'customer_source_detail'}


class CustomerConfirmer(models.AbstractModel):
    """Asks account managers by night whether what is noted of their customers is still true (PRO-6).

    A profile is due so many days after somebody confirmed or corrected it, after the customer came under care, and after
    this was switched on, whichever was last. Nobody is asked for more than a handful at a time, however many are due: the
    next ones come when those are answered, the longest unconfirmed first. One activity for each person says how many they
    are.
    """

    _name = 'customer.confirmer'
    _description = "Asks Whether Profiles Are True"

    # ------------------------------------------------------------
    # WHAT IS DUE
    # ------------------------------------------------------------

    @api.model
    def _since(self):
        """Return the day from which profiles count as unconfirmed; False where nobody is asked."""
        if not self.env['res.config.settings']._customer_success('confirm_days'):
            return False
        day = self.env['ir.config_parameter'].sudo().get_param(SINCE)  # rules bind everybody
        return fields.Date.to_date(day) or False

    @api.model
    def _begin_anew(self):
        """Count from today, where it was off, or is now: nobody is asked about years at once."""
        on = self.env['res.config.settings']._customer_success('confirm_days')
        if not on or not self._since():
            self.env['ir.config_parameter'].sudo().set_param(  # kept by the addon
                SINCE, fields.Date.to_string(fields.Date.context_today(self)) if on else False)

    @api.model
    def _noted_fields(self):
        """Return the names of the fields whose correction confirms a profile."""
        requirements = self.env['customer.profile.requirement']._get_active()
        return NOTED_FIELDS | {requirement._field_name() for requirement in requirements}

    @api.model
    def _due_among(self, partners):
        """Return which of these customers are due, and whether somebody is asked about them; one statement.

        :rtype: dict[int, bool]
        """
        partners.flush_recordset(['customer_confirmed_on', 'customer_confirm_asked_on', 'customer_managed', 'active'])
        today = SQL("%s::date", fields.Date.context_today(self))
        return dict(self.env.execute_query(SQL(
            "SELECT p.id, p.customer_confirm_asked_on IS NOT NULL FROM res_partner p WHERE p.id = ANY(%s) AND %s",
            partners.ids, self._due_sql('p', today))))

    @api.model
    def _days_sql(self, alias):
        """Return SQL for after how many days the profile of a customer is due; for other wings to narrow.

        :param str alias: the relation of the customer, a ``res_partner``
        """
        return SQL("%s", self.env['res.config.settings']._customer_success('confirm_days'))

    @api.model
    def _from_sql(self, alias):
        """Return SQL for the day from which the days of a customer count."""
        return SQL(
            "GREATEST(%s, %s, %s::date)", SQL.identifier(alias, 'customer_confirmed_on'),
            SQL.identifier(alias, 'customer_managed_since'), self._since() or None)

    @api.model
    def _due_sql(self, alias, today):
        """Return SQL for whether the profile of a customer is due.

        :param SQL today: the day
        """
        if not self._since():
            return SQL("FALSE")
        return SQL(
            "(%(managed)s IS TRUE AND %(active)s AND %(start)s + %(days)s <= %(today)s)",
            managed=SQL.identifier(alias, 'customer_managed'), active=SQL.identifier(alias, 'active'),
            start=self._from_sql(alias), days=self._days_sql(alias), today=today)

    # ------------------------------------------------------------
    # BY NIGHT
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_ask(self):
        """Ask for the next profiles, and tell each person how many they are."""
        with self.env['customer.run']._measure('confirm') as run:
            if not self._since():
                self._begin_anew()
            asked = self._ask()
            self._tell()
            run['done'] = asked

    @api.model
    def _ask(self):
        """Mark the profiles that are asked about next, and take the mark from those that are answered or nobody's.

        :return: how many are asked about
        """
        self.env['res.partner'].flush_model()
        responsibility = self.env['customer.responsibility']
        responsibility._flush()
        today = SQL("%s::date", fields.Date.context_today(self))
        self.env.cr.execute(SQL(
            """UPDATE res_partner p SET customer_confirm_asked_on = NULL
                WHERE p.customer_confirm_asked_on IS NOT NULL AND NOT %s""", self._due_sql('p', today)))
        rows = self.env.execute_query(SQL(
            """WITH able AS MATERIALIZED (%(able)s),
                    asked AS MATERIALIZED (
                    SELECT user_id, count(*) AS count FROM res_partner WHERE customer_confirm_asked_on IS NOT NULL
                  GROUP BY user_id),
                    due AS (
                    SELECT p.id, p.user_id,
                           row_number() OVER (PARTITION BY p.user_id ORDER BY %(start)s + %(days)s, p.id) AS place
                      FROM res_partner p JOIN able ON able.user_id = p.user_id AND able.company_id = %(company)s
                     WHERE p.customer_confirm_asked_on IS NULL AND %(due)s)
             UPDATE res_partner p SET customer_confirm_asked_on = %(today)s
               FROM due LEFT JOIN asked ON asked.user_id = due.user_id
              WHERE p.id = due.id AND due.place <= %(most)s - COALESCE(asked.count, 0)
          RETURNING p.id""",
            able=responsibility._able_sql(), start=self._from_sql('p'), days=self._days_sql('p'),
            company=responsibility._company_sql('p'), due=self._due_sql('p', today), today=today,
            most=self.env['res.config.settings']._customer_success('confirm_most')))
        self.env['res.partner'].invalidate_model(['customer_confirm_asked_on'])
        return len(rows)

    @api.model
    def _tell(self, users=None):
        """Give each person who is asked about profiles one activity that says how many, and take it from who is done.

        :param users: res.users; only theirs, default: those of all
        """
        activity_type = self.env.ref('customer_success.mail_activity_type_confirm')
        domain = [('customer_confirm_asked_on', '!=', False), ('user_id', '!=', False)]
        own = [('activity_type_id', '=', activity_type.id), ('res_model', '=', False), ('automated', '=', True)]
        if users is not None:
            domain.append(('user_id', 'in', users.ids))
            own.append(('user_id', 'in', users.ids))
        counts = dict(self.env['res.partner'].sudo()._read_group(domain, ['user_id'], ['__count']))  # of colleagues too
        activities = self.env['mail.activity'].sudo().search(own)  # as above
        activities.filtered(lambda activity: not counts.get(activity.user_id)).unlink()
        for activity in activities.exists():
            summary = self._say_count(activity.user_id, counts.pop(activity.user_id))
            if activity.summary != summary:
                activity.summary = summary
        if users is not None:
            return  # during the day nobody is asked for more
        for user, count in counts.items():
            says = self.with_context(lang=user.lang or self.env.lang).env
            self.env['customer.task']._give_loose_task(
                'customer_success.mail_activity_type_confirm', user, self._say_count(user, count),
                Markup('%s <a href="/odoo/profiles-to-confirm">%s</a>') % (
                    says._("Look at each profile and confirm it with one click, or correct what changed."),
                    says._("Show these profiles")))

    @api.model
    def _say_count(self, user, count):
        """Return how many profiles somebody is asked about, in that one's language."""
        says = self.with_context(lang=user.lang or self.env.lang).env
        return plural(count, says._("Is the profile of a customer still true?"),
                      says._("Are the profiles of %(count)s customers still true?", count=count))
