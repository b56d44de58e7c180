"""Sheets to take home: what a dialog asks for, with the rights of whoever filled it in (REP-4)."""
from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import content_disposition, request

from ..models.reporting.customer_sheet import MIME


class SheetController(http.Controller):

    @http.route('/customer_success/sheet/<int:dialog_id>/<string:form>', type='http', auth='user', methods=['GET'])
    def sheet(self, dialog_id, form):
        """Return a sheet as a file, or on the screen.

        :param int dialog_id: of the ``customer.sheet.print`` that says what is wanted: the user's own
        :param str form: ``pdf``, ``xlsx`` or ``html``
        """
        dialog = request.env['customer.sheet.print'].browse(dialog_id)
        if form not in MIME:
            raise request.not_found()
        try:
            dialog.check_access('read')
            made = dialog._make(form)
        except (AccessError, MissingError):
            raise request.not_found() from None
        except UserError as error:
            return request.make_response(str(error), [('Content-Type', 'text/plain; charset=utf-8')], status=400)
        headers = [('Content-Type', MIME[form])]
        if form != 'html':
            headers.append(('Content-Disposition', content_disposition(made.name)))
        return request.make_response(made.content, headers)
