from odoo import api, models
from odoo.tools.pdf import merge_pdf

# there is no public way to ask which printing program it is
from odoo.addons.base.models.ir_actions_report import _wkhtml

from .page_numbers import numbered

#: The names of our reports begin so.
OURS = 'customer_success.'

#: The plain printing program draws the letters of fonts that come with a page as lines: nobody could search or copy a word, and
#: a page is some megabytes. Fonts of the system stay letters: those with the glyphs as the reader's language writes them.
FONTS = {'zh_TW': "Noto Sans CJK TC", 'zh_HK': "Noto Sans CJK HK", 'ja_JP': "Noto Sans CJK JP", 'ko_KR': "Noto Sans CJK KR"}
STYLE = '<style>*:not(.fa) { font-family: "%s", "Noto Sans", "DejaVu Sans", sans-serif !important; }</style></head>'


class IrActionsReport(models.Model):
    """Several sheets in one file, and page numbers, whichever printing program is there (REP-4).

    That of Debian and its kin is built without what joins several documents and draws running heads and feet: it refuses the
    former, and leaves the latter out without a word. There each sheet is printed by itself, and the pages are numbered
    afterwards; where the feet are drawn, the number stands in them already. Reports of others are none of our business.
    """

    _inherit = 'ir.actions.report'

    def _is_plain(self, report_ref):
        """Return whether a report is ours and the printing program is the plain one."""
        return bool(report_ref) and not _wkhtml().is_patched_qt \
            and self._get_report(report_ref).report_name.startswith(OURS)

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        content, kind = super()._render_qweb_pdf(report_ref, res_ids=res_ids, data=data)
        return numbered(content) if kind == 'pdf' and self._is_plain(report_ref) else content, kind

    @api.model
    def _run_wkhtmltopdf(
            self, bodies, report_ref=False, header=None, footer=None, landscape=False, specific_paperformat_args=None,
            set_viewport_size=False):
        def printed(bodies):
            return super(IrActionsReport, self)._run_wkhtmltopdf(
                bodies, report_ref=report_ref, header=header, footer=footer, landscape=landscape,
                specific_paperformat_args=specific_paperformat_args, set_viewport_size=set_viewport_size)

        if not self._is_plain(report_ref):
            return printed(bodies)
        style = STYLE % FONTS.get(self.env.lang, "Noto Sans CJK SC")
        return merge_pdf([printed([str(body).replace('</head>', style, 1)]) for body in bodies])
