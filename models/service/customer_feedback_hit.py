from datetime import timedelta

from odoo import api, fields, models

#: So many looks at the page of one question are kept: programs may look without end.
KEPT = 50

#: So many characters of what a program calls itself are kept.
AGENT_LENGTH = 120


class CustomerFeedbackHit(models.Model):
    """One time that somebody or something opened the page of a question, or sent something to it. Nothing of it is counted.

    No address is kept of who it was.
    """

    _name = 'customer.feedback.hit'
    _description = "Look at a Question"
    _order = 'id desc'
    _rec_name = 'what'

    request_id = fields.Many2one(
        comodel_name='customer.feedback.request', string="Question Asked", required=True, readonly=True, index=True,
        ondelete='cascade')
    at = fields.Datetime(string="When", required=True, readonly=True, default=fields.Datetime.now)
    what = fields.Selection(
        selection=[
            ('page', "Page opened"), ('head', "Asked whether the page is there"), ('blind', "Sent by a program"),
            ('late', "Too late"), ('again', "Answered already"), ('strange', "No answer on the scale"),
            ('counted', "Answered"), ('corrected', "Corrected"),
        ], string="Kind of Look", required=True, readonly=True)
    score = fields.Char(string="Sent", readonly=True, help="What was sent, counted or not.")
    agent = fields.Char(string="Called Itself", readonly=True)

    _at_idx = models.Index("(at)")

    @api.model
    def _note(self, request, what, agent='', score=''):
        """Keep that somebody looked.

        :param str what: see the field
        :param str agent: what the browser or program calls itself
        :param str score: what was sent
        """
        if self.sudo().search_count([('request_id', '=', request.id)], limit=KEPT) >= KEPT:  # whoever has the link
            return
        self.sudo().create({  # as above
            'request_id': request.id, 'what': what, 'agent': (agent or '')[:AGENT_LENGTH], 'score': (score or '')[:20]})

    @api.autovacuum
    def _gc_hits(self):
        """Forget what is older than the days of the settings."""
        days = self.env['res.config.settings']._customer_success('feedback_hit_days')
        old = self.search([('at', '<', fields.Datetime.now() - timedelta(days=days))], limit=10000)
        old.unlink()
        return len(old), len(old) == 10000
