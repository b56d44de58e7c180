from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ...engine import mood
from .customer_mood_word import MOODS

#: So many signs around a word are shown with it.
AROUND = 24

#: So many words of one text are kept.
PER_TEXT = 40


class CustomerMoodHit(models.Model):
    """A mood word in a text of a customer, as it stood there. A person confirms it or throws it out; nothing is scored."""

    _name = 'customer.mood.hit'
    _description = "Mood Word Found"
    _inherit = ['customer.known']
    _order = 'id desc'
    _rec_name = 'text'
    _known_when = {'right_percent': [('state', '!=', 'open')]}

    word_id = fields.Many2one(comodel_name='customer.mood.word', required=True, readonly=True, index=True, ondelete='cascade')
    kind = fields.Selection(selection=MOODS, string="Mood", required=True, readonly=True)
    feedback_id = fields.Many2one(
        comodel_name='customer.feedback', string="In the Feedback", readonly=True, index='btree_not_null', ondelete='cascade')
    case_id = fields.Many2one(comodel_name='customer.case', readonly=True, index='btree_not_null', ondelete='cascade')
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", compute='_compute_partner_id', store=True, precompute=True,
        index='btree_not_null', ondelete='cascade')
    text = fields.Char(string="As Written", required=True, readonly=True)
    before = fields.Char(string="Text Before", readonly=True)
    after = fields.Char(string="Text After", readonly=True)
    excerpt = fields.Html(string="Where It Stands", compute='_compute_excerpt', sanitize=False)
    start = fields.Integer(required=True, readonly=True, aggregator=None)
    end = fields.Integer(required=True, readonly=True, aggregator=None)
    state = fields.Selection(
        selection=[('open', "To judge"), ('right', "Confirmed"), ('wrong', "Thrown out")], required=True, readonly=True,
        default='open')
    decided_at = fields.Datetime(string="Judged On", readonly=True)
    decided_by_id = fields.Many2one(comodel_name='res.users', string="Judged By", readonly=True, ondelete='set null')
    right_percent = fields.Float(
        string="Right (%)", compute='_compute_right_percent', store=True, precompute=True, aggregator='avg', digits=(16, 1))

    @api.depends('feedback_id.partner_id', 'case_id.partner_id')
    def _compute_partner_id(self):
        for hit in self:
            hit.partner_id = hit.feedback_id.partner_id or hit.case_id.partner_id

    @api.depends('state')
    def _compute_right_percent(self):
        for hit in self:
            hit.right_percent = 100.0 * (hit.state == 'right')

    @api.depends('before', 'text', 'after', 'state', 'kind')
    def _compute_excerpt(self):
        for hit in self:
            hit.excerpt = Markup("…%s%s%s…") % (hit.before or '', hit._mark(hit.text), hit.after or '')

    # ------------------------------------------------------------
    # CRUD AND ACTIONS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Words are found by themselves. Add them to the list of mood words."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("Confirm a word that was found, or throw it out; nothing else of it changes."))
        return super().write(vals)

    def action_right(self):
        """Say that these words mean what they are listed for."""
        return self._decide('right')

    def action_wrong(self):
        """Throw these words out: here they mean something else."""
        return self._decide('wrong')

    def action_open(self):
        """Open the feedback or the case in which this word stands."""
        self._customer_one()
        record = self.feedback_id or self.case_id
        return record._customer_open()

    def _decide(self, state):
        """Note what a person judged; who changes his mind judges anew."""
        self.check_access('read')
        for hit in self:
            (hit.feedback_id or hit.case_id).check_access('write')
        self.sudo().write({  # what was found is not for people to write, only whether it is right
            'state': state, 'decided_at': fields.Datetime.now(), 'decided_by_id': self.env.uid})
        return True

    # ------------------------------------------------------------
    # FINDING
    # ------------------------------------------------------------

    @api.model
    def _scan(self, records, name):
        """Look for words in a text of records; what was found in it before and is not judged is looked for anew.

        :param records: customer.feedback or customer.case
        :param str name: the field with the text
        """
        link = 'feedback_id' if records._name == 'customer.feedback' else 'case_id'
        if records._name == 'customer.feedback':
            self.search(Domain(link, 'in', records.ids)).unlink()
        return self._keep([(record, record[name]) for record in records], link)

    @api.model
    def _keep(self, texts, link):
        """Keep the words that stand in texts.

        :param texts: records, and what was written about them
        :param str link: name of the field that leads to them
        """
        words = self.env['customer.mood.word']._words()
        kinds = {word.id: word.kind for word in self.env['customer.mood.word'].sudo().search([])}  # rules bind everybody
        return self.create([{
            'word_id': found.key, 'kind': kinds[found.key], link: record.id, 'text': text[found.start:found.end],
            'before': text[max(found.start - AROUND, 0):found.start].replace('\n', ' '),
            'after': text[found.end:found.end + AROUND].replace('\n', ' '), 'start': found.start, 'end': found.end,
        } for record, text in texts if text for found in mood.find(text, words)[:PER_TEXT]])

    def _mark(self, text):
        """Return a word as it is marked in a text, in the colour of its mood; what was thrown out is not marked."""
        self.ensure_one()
        if self.state == 'wrong':
            return Markup("%s") % text
        return Markup('<mark class="o_customer_mood o_customer_mood_%s">%s</mark>') % (self.kind, text)

    def _marked(self, text):
        """Return a text with these words marked, and everything else as it was written: HTML in it does nothing.

        :param str text: in which they were found
        """
        parts, place = [], 0
        for hit in self.sorted('start'):
            if place <= hit.start < hit.end <= len(text):
                parts += [Markup("%s") % text[place:hit.start], hit._mark(text[hit.start:hit.end])]
                place = hit.end
        parts.append(Markup("%s") % text[place:])
        return Markup().join(parts).replace('\n', Markup("<br/>"))
