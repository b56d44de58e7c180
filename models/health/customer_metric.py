from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

#: What the night notes on a metric, and nobody else.
NOTES = {'taken_on', 'whole_from', 'problem', 'source_mark', 'source_from'}


class CustomerMetric(models.Model):
    """Something that is counted of customers: logins, visits, features in use … (HEA-5). Readings come in from outside, or
    Odoo counts them itself (``customer.reading.taker``)."""

    _name = 'customer.metric'
    _description = "Usage Metric"
    _inherit = ['customer.kept']
    _order = 'sequence, id'
    _rec_names_search = ['name', 'code']

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="By what name programs and import files call it.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="No more readings come in for an archived metric; the old ones stay.")
    kind = fields.Selection(
        selection=[('count', "Something that happens: readings add up"), ('level', "A state: the average tells")],
        string="What Is Counted", default='count', required=True,
        help="Logins happen, and those of a month are added up. The number of features in use is a state: adding it up "
             "would mean nothing.")
    unit = fields.Char(translate=True)
    description = fields.Text(translate=True)
    # counted by Odoo itself
    source = fields.Selection(
        selection='_selection_source', string="Counted by Odoo", copy=False,
        help="What Odoo's own apps know of customers is taken over every night. Empty: readings come in by an import, by hand "
             "or from another program.")
    source_note = fields.Text(string="Where It Comes From", compute='_compute_source_note')
    is_absent = fields.Boolean(string="App Not Installed", compute='_compute_source_note')
    taken_on = fields.Date(string="Last Taken Over", readonly=True, copy=False)
    whole_from = fields.Date(
        string="Complete Since", readonly=True, copy=False,
        help="Nothing was counted before this day, or not all. Periods are compared when they begin later. Empty: all that the "
             "app knows is there.")
    problem = fields.Char(
        readonly=True, copy=False, help="Why it could not be counted. The other metrics went on.")
    source_mark = fields.Integer(string="Installation of the App", readonly=True, copy=False)
    source_from = fields.Date(string="Not Counted Anew Before", readonly=True, copy=False)
    customer_count = fields.Integer(string="Customers With Readings", compute='_compute_customer_count')

    _code_uniq = models.Constraint('UNIQUE (code)', "There is already a metric with this code.")

    @api.model
    def _selection_source(self):
        return [(key, source.label) for key, source in self.env['customer.reading.taker']._sources().items()]

    @api.depends('source', 'taken_on')
    @api.depends_context('lang')
    def _compute_source_note(self):
        for metric in self:
            absence = metric._absence()
            metric.is_absent = bool(absence)
            metric.source_note = absence or metric._describe_source()

    def _compute_customer_count(self):
        counts = dict(self.env['customer.reading']._read_group(
            [('metric_id', 'in', self.ids)], ['metric_id'], ['partner_id:count_distinct']))
        for metric in self:
            metric.customer_count = counts.get(metric._origin, 0)

    # ------------------------------------------------------------
    # COUNTED BY ODOO
    # ------------------------------------------------------------

    def _absence(self):
        """Return in a sentence what is missing for Odoo to count this metric, or an empty text."""
        if not self.source:
            return ''
        taker = self.env['customer.reading.taker']
        source = taker._sources().get(self.source)
        if not source:
            return self.env._("What this metric counts is not known any more: was an addon taken away?")
        if taker._is_there(source):
            return ''
        values = {'app': taker._app_name(source), 'day': format_date(self.env, self.taken_on) if self.taken_on else ''}
        if self.taken_on:
            return self.env._(
                "The app “%(app)s” is not installed any more. What was counted until %(day)s stays; nothing is counted now, and "
                "this metric neither scores nor warns.", **values)
        return self.env._(
            "The app “%(app)s” is not installed. Nothing is counted, and this metric neither scores nor warns; the night after "
            "the app was installed it begins.", app=values['app'])

    def _describe_source(self):
        """Return in a sentence where readings come from, and when they came last; empty where people bring them."""
        if not self.source:
            return ''
        taker = self.env['customer.reading.taker']
        app = taker._app_name(taker._sources()[self.source])
        if not self.taken_on:
            return self.env._("Odoo counts it by itself, from the app “%(app)s”. The next night begins.", app=app)
        return self.env._(
            "Odoo counts it by itself, from the app “%(app)s”. Last taken over on %(day)s.", app=app,
            day=format_date(self.env, self.taken_on))

    def _check_by_hand(self):
        """Refuse readings by hand where Odoo counts itself."""
        if counted := self.filtered('source')[:1]:
            raise UserError(counted._refusal_by_hand())

    def _refusal_by_hand(self):
        """Return the sentence that refuses readings by hand."""
        return self.env._(
            "%(metric)s is counted by Odoo itself: what you enter would be gone tomorrow. Correct it where it comes from, or "
            "make a metric of your own.", metric=self.name)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if 'source' in vals and (other := self.filtered(lambda metric: metric.source != vals['source'])):
            other._check_without_readings(self.env._(
                "There are readings of %(metric)s already, and they would be mixed with others. Make a new metric instead.",
                metric=other[0].name))
        return super().write(vals)

    def _open_to_people(self):
        return super()._open_to_people() - NOTES

    def _say_kept(self, names):
        return self.env._("These fields of a metric are for the night to write: %(names)s.", names=names)

    def _check_without_readings(self, refusal):
        """Refuse something in words where there is a reading of one of these metrics."""
        # readings of customers whom the user doesn't see hold the metric too
        if self.env['customer.reading'].sudo().search_count([('metric_id', 'in', self.ids)], limit=1):
            raise UserError(refusal)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_readings(self):
        for metric in self:
            metric._check_without_readings(self.env._(
                "There are readings of %(metric)s. Archive it instead: no more come in, and the history stays.",
                metric=metric.name))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_take_over(self):
        """Count again as soon as possible, after what stood in the way was mended."""
        self.check_access('write')
        self.env.ref('customer_success.ir_cron_health').sudo()._trigger()  # managers don't administer actions
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification',
            'params': {'type': 'success', 'message': self.env._("It is counted again within a few minutes.")}}

    def action_view_readings(self):
        """Open the readings of this metric."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_reading_action')
        action['domain'] = [('metric_id', '=', self.id)]
        action['context'] = {'default_metric_id': self.id}
        return action
