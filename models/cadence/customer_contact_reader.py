from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..platform.local_text import day_text

#: So many of the next steps are named after a contact was logged.
COMING = 3


class CustomerContactReader(models.AbstractModel):
    """The last and the next contact with customers, of the follow-ups that the user may see, and what is said of them."""

    _name = 'customer.contact.reader'
    _description = "Last and Next Contacts"

    def _contacts(self, partners):
        """Return the last and the next contact of these partners, of the follow-ups that the user may see.

        They stand on every contact form, so this is one query, and no record is read.

        :return: by partner id: the last contact (id, day, channel id, what was said), the next one (id, day, channel id),
            the earliest limit of all open follow-ups, the last day of a running pause, whether contacts are stopped, and
            whether they are a colleague's and hidden
        :rtype: dict[int, tuple]
        """
        env, ids = partners.env, partners._origin.ids
        if not ids:
            return {}
        env['customer.pause'].flush_model()
        partners.flush_recordset(['customer_do_not_contact', 'user_id', 'company_id'])
        followups, today = env['customer.followup'], fields.Date.context_today(partners)

        query = followups._search(Domain('partner_id', 'in', ids) & (
            Domain('state', '=', 'planned') | Domain('state', '=', 'done') & Domain('qualifies', '=', True)))
        columns = ('id', 'partner_id', 'state', 'contact_at', 'contact_day', 'channel_id', 'feedback', 'date_planned',
                   'date_limit')
        rows = env.execute_query(SQL(
            """WITH f AS (%(visible)s)
             SELECT p.id, last.id, last.contact_day, last.channel_id, last.feedback,
                    coming.id, coming.date_planned, coming.channel_id, coming.earliest,
                    (SELECT max(date_to) FROM customer_pause
                      WHERE partner_id = p.id AND date_from <= %(today)s AND date_to >= %(today)s),
                    p.customer_do_not_contact, %(hidden)s
               FROM res_partner p
  LEFT JOIN LATERAL (SELECT * FROM f WHERE f.partner_id = p.id AND f.state = 'done'
                   ORDER BY f.contact_at DESC, f.id DESC LIMIT 1) AS last ON TRUE
  LEFT JOIN LATERAL (SELECT f.*, min(f.date_limit) OVER () AS earliest
                       FROM f WHERE f.partner_id = p.id AND f.state = 'planned'
                   ORDER BY f.date_planned, f.id LIMIT 1) AS coming ON TRUE
              WHERE p.id = ANY(%(ids)s)""",
            visible=query.select(*(followups._field_to_sql(query.table, name, query) for name in columns)),
            ids=ids, today=today, hidden=env['customer.contact.state']._hidden_sql('p')))
        return {row[0]: tuple(value or False for value in row[1:]) for row in rows}

    @api.model
    def _state(self, followup_id, planned, limit):
        """Return how we stand with a customer that is neither paused nor to be left alone.

        :param followup_id: the next open follow-up, if any
        :param planned: its day
        :param limit: the earliest day on which an open follow-up becomes overdue
        """
        today = fields.Date.context_today(self)
        if not followup_id:
            return 'none'
        if limit and limit < today:
            return 'overdue'
        return 'week' if planned and planned <= fields.Date.end_of(today, 'week') else 'track'

    # ------------------------------------------------------------
    # IN WORDS
    # ------------------------------------------------------------

    @api.model
    def _describe_last(self, day, channel_id, feedback):
        """Return the last contact in a line: how, how long ago, what was said."""
        # where the colleague was, it may be tomorrow already
        days = max((fields.Date.context_today(self) - day).days, 0)
        ago = (self.env._("today") if not days else self.env._("yesterday") if days == 1
               else self.env._("%(days)s days ago", days=days))
        said = (feedback or '').strip().split('\n')[0]
        values = {'channel': self.env['customer.channel']._get_names()[channel_id], 'ago': ago, 'said': said}
        return self.env._("%(channel)s, %(ago)s: “%(said)s”", **values) if said else self.env._(
            "%(channel)s, %(ago)s", **values)

    @api.model
    def _describe_next(self, day, channel_id):
        """Return the next contact in a line: how, and when."""
        return self.env._(
            "%(channel)s on %(day)s", channel=self.env['customer.channel']._get_names()[channel_id],
            day=self._short_day(day))

    @api.model
    def _short_day(self, day):
        """Return a day with its weekday, the way the language writes it short: Tue, Dec 22 or 12月22日周二."""
        return day_text(self.env, day, 'MMMEd')

    def _describe_coming(self, partner):
        """Return what is planned next with this customer, in a sentence: the touchpoint of the cadence and what was agreed.

        It is made of the follow-ups that the user may see.
        """
        partner.ensure_one()
        reader, env = self.with_env(partner.env), partner.env
        followups = env['customer.followup'].search(
            Domain('partner_id', '=', partner.id) & Domain('state', '=', 'planned'), order='date_planned, id', limit=COMING)
        steps = ''
        for followup in followups:
            what = followup.name if not followup.step_id else False
            step = env._("%(what)s on %(day)s", what=what, day=reader._short_day(followup.date_planned)) if what else (
                reader._describe_next(followup.date_planned, followup.channel_id.id))
            steps = env._("%(steps)s; %(step)s", steps=steps, step=step) if steps else step
        return env._("Next: %(steps)s", steps=steps) if steps else env._("Nothing further is planned")
