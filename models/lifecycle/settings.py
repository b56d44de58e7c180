from odoo import fields, models

from ..platform.setting import Within

#: Email domains of which everybody has an address, as they are shipped.
PUBLIC_DOMAINS = (
    "gmail.com, googlemail.com, outlook.com, hotmail.com, live.com, msn.com, yahoo.com, yahoo.co.uk, yahoo.co.jp, ymail.com, "
    "icloud.com, me.com, mac.com, aol.com, gmx.de, gmx.net, gmx.com, web.de, t-online.de, freenet.de, mail.com, proton.me, "
    "protonmail.com, zoho.com, yandex.com, yandex.ru, mail.ru, orange.fr, free.fr, laposte.net, libero.it, naver.com, daum.net, "
    "hanmail.net, qq.com, foxmail.com, 163.com, 126.com, yeah.net, sina.com, sina.cn, sohu.com, aliyun.com, 139.com, 189.cn, "
    "wo.cn, tom.com, 21cn.com, hinet.net, pchome.com.tw, rediffmail.com")


class CustomerSettingsFields(models.AbstractModel):
    """Who refers customers to us, and who only seems to."""

    _inherit = 'customer.settings.fields'

    customer_public_mail_domains = fields.Text(string="Public Email Providers", shipped=PUBLIC_DOMAINS)
    customer_match_most = fields.Integer(
        string="Proposed for a Need (at most)", shipped=5, after='_match_anew',
        check=Within(1, 100, lambda env: env._("Of a need 1 to 100 customers who offer it are proposed at a time.")))

    def _match_anew(self):
        """Propose who fits with whom anew."""
        self.env['customer.match'].sudo()._propose()  # whoever may change the settings
