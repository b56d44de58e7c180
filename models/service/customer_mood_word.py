from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ...engine import mood

MOODS = [('unhappy', "Unhappy"), ('leaving', "Wants to leave"), ('need', "Needs something"), ('thanks', "Thanks")]


class CustomerMoodWord(models.Model):
    """A word that tells a mood, in whatever language it is of (SRV-5). What it finds is for a person to judge."""

    _name = 'customer.mood.word'
    _description = "Mood Word"
    _inherit = ['customer.cached']
    _order = 'kind, name, id'

    name = fields.Char(string="Word or Words", required=True, help="A word or several, as people write it.")
    kind = fields.Selection(selection=MOODS, string="Mood", required=True, default='unhappy')
    active = fields.Boolean(default=True)
    hit_ids = fields.One2many(comodel_name='customer.mood.hit', inverse_name='word_id', string="Found")
    found_count = fields.Integer(string="Found (times)", compute='_compute_found')
    rate = fields.Char(
        string="Confirmed Share", compute='_compute_found', help="Of what people judged, the share that was confirmed.")

    _name_uniq = models.UniqueIndex("(lower(name))", "This word is in the list already.")

    @api.constrains('name')
    def _check_name(self):
        for word in self:
            if len((word.name or '').strip()) < 1 or not any(sign.isalpha() for sign in word.name):
                raise ValidationError(self.env._("A mood word has letters or signs of a language in it."))

    @api.depends('hit_ids.state')
    @api.depends_context('uid', 'lang')
    def _compute_found(self):
        found = {(word, state): count for word, state, count in self.env['customer.mood.hit']._read_group(
            [('word_id', 'in', self.ids)], ['word_id', 'state'], ['__count'])}
        for word in self:
            still, right, wrong = (found.get((word._origin, state), 0) for state in ('open', 'right', 'wrong'))
            word.found_count = still + right + wrong
            word.rate = self.env._(
                "%(share)s %% (n = %(count)s)", share=round(100 * right / (right + wrong)), count=right + wrong,
            ) if right or wrong else False

    def action_hits(self):
        """Open where this word was found."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_mood_hit_action')
        return {**action, 'domain': [('word_id', '=', self.id)], 'context': {}}

    @api.model
    @ormcache()
    def _words(self):
        """Return the words that are looked for."""
        self.flush_model(['name', 'active'])
        return tuple(mood.Word(word.id, word.name) for word in self.sudo().search([]))  # rules bind everybody
