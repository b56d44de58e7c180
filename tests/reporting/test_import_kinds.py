"""REP-5: customers, birthdays, complaints and adjustments from sheets."""
from datetime import date, datetime

from odoo.tests import tagged

from . import sheets
from .import_common import ImportCase


@tagged('post_install', '-at_install')
class TestImportKinds(ImportCase):

    def _csv(self, *rows, encoding='utf-8-sig', **options):
        return self._import('\r\n'.join(','.join(row) for row in rows).encode(encoding), name="sheet.csv", **options)

    def test_rep_5_customers(self):
        """REP-5, PRO-2: a list of customers: new ones come under care, known ones get what is new, the person in the place of the
        firm becomes its contact."""
        rows = (
            ["客户名称", "联系人", "电话", "邮箱", "公司", "来源", "状态", "备注"],
            ["张经理", "", "13800138000", "zhang@example.com", "新华机械有限公司", "展会", "", "喜欢喝茶"],
            ["華信貿易", "李总", "021-62345678转8001", "", "", "", "", ""])
        record = self._csv(*rows, kind='customers', encoding='gb18030')
        self.assertEqual((record.new_count, record.update_count), (1, 1))
        record.action_load()
        new = self.env['res.partner'].search([('name', '=', "新华机械有限公司")])
        self.assertTrue(new.customer_managed and new.is_company)
        self.assertEqual(
            (new.child_ids.name, new.child_ids.phone, new.customer_source_id.name), ("张经理", "13800138000", "展会"))
        self.assertEqual(self.huaxin.child_ids.name, "李总")
        again = self._csv(*rows, kind='customers', encoding='gb18030')
        self.assertEqual((again.new_count, again.update_count, again.same_count), (0, 0, 2))

    def test_rep_5_customers_bad_rows(self):
        """REP-5: a list of customers with wrong countries, addresses and numbers names each."""
        record = self._csv(
            ["Customer", "Country", "Email", "Phone", "Filing date"], ["One Ltd", "Atlantis", "", "", ""],
            ["Two Ltd", "Germany", "not an address", "", ""], ["Three Ltd", "Germany", "", "1.38001E+10", ""],
            ["Four Ltd", "DE", "a@example.com", "+49 40 5550123", "2026-02-31"], ["Five Ltd", "DE", "b@example.com", "12", ""],
            ["Six Ltd", "germany", "c@example.com", "040 5550124", "2026-02-28"], kind='customers')
        self.assertEqual(self._reasons(record), {2: "Country", 3: "Email", 4: "Phone", 5: "Filed on", 6: "Phone"})
        record.action_load()
        six = self.env['res.partner'].search([('name', '=', "Six Ltd")])
        self.assertEqual((six.country_id.code, six.customer_filed_on), ('DE', date(2026, 2, 28)))

    def test_rep_5_customers_of_a_salesperson(self):
        """REP-5: a salesperson's list makes customers of that one, whoever stands in it."""
        record = self._csv(["Customer", "Account manager"], ["One Ltd", "Ben"], kind='customers', user=self.anna)
        record.action_load()
        self.assertEqual(self.env['res.partner'].search([('name', '=', "One Ltd")]).user_id, self.anna)
        record = self._csv(["Customer", "Account manager"], ["Two Ltd", "Ben"], kind='customers')
        record.action_load()
        self.assertEqual(self.env['res.partner'].search([('name', '=', "Two Ltd")]).user_id, self.ben)

    def test_rep_5_birthdays(self):
        """REP-5, CUL-4: birthdays in both calendars, with a flag beside them or in themselves, with a year or without."""
        rows = (
            ["客户名称", "姓名", "生日", "历法", "职务"], ["华信贸易", "王芳", "八月十五", "农历", "采购"],
            ["华信贸易", "赵强", "1985-06-21", "阳历", ""], ["华信贸易", "钱敏", "闰六月初三", "", ""],
            ["华信贸易", "孙丽", "3月8日", "", ""], ["华信贸易", "周杰", "1990-01-01", "农历", ""],
            ["华信贸易", "吴刚", "猴年马月", "", ""], ["华信贸易", "郑义", "2月31日", "", ""])
        record = self._csv(*rows, kind='birthdays')
        self.assertEqual(self._reasons(record), {8: "Birthday"})
        record.action_load()
        people = {person.name: person for person in self.huaxin.child_ids}
        self.assertEqual(people["赵强"].birthdate_date, date(1985, 6, 21))
        found = {name: (one.calendar, one.year, one.month, one.day, one.leap) for name, person in people.items()
                 for one in person.customer_occasion_ids}
        self.assertEqual(found, {
            "王芳": ('lunar', 0, 8, 15, False), "钱敏": ('lunar', 0, 6, 3, True), "孙丽": ('gregorian', 0, 3, 8, False),
            "周杰": ('lunar', 1990, 1, 1, False)})
        self.assertIn("吴刚", people)
        self.assertEqual(people["王芳"].function, "采购")
        again = self._csv(*rows, kind='birthdays')
        self.assertEqual((again.new_count, again.update_count, again.same_count), (0, 0, 6))
        changed = self._csv(rows[0], ["华信贸易", "王芳", "八月十六", "农历", "采购"], kind='birthdays')
        changed.action_load()
        self.assertEqual(people["王芳"].customer_occasion_ids.day, 16)

    def test_rep_5_complaints(self):
        """REP-5, SRV-3: a record of complaints: solved ones are history, open ones stand open without a deadline."""
        tasks, mails = self.env['mail.activity'].search_count([]), self.env['mail.mail'].search_count([])
        left = self._user('gone', 'user', name="离职员")
        left.active = False
        rows = (
            ["序号", "投诉日期", "投诉来源", "客户名称", "具体问题描述", "处理措施", "责任人", "处理结果", "完成时间",
             "客户满意度", "投诉等级"],
            ["1", "2026.3.2", "电话", "华信贸易", "第三批货有划痕", "换货", "离职员", "已解决", "2026.3.5", "满意", "严重"],
            ["2", "2026.4.2", "微信", "Hansen", "发票错误", "", "Anna", "处理中", "", "", ""],
            ["3", "2026.4.2", "微信", "Hansen", "", "", "Anna", "", "", "", ""],
            ["4", "2026.4.2", "微信", "Hansen", "早于", "", "Anna", "已解决", "2026.4.1", "", ""])
        record = self._csv(*rows, kind='cases', encoding='utf-16')
        self.assertEqual(self._reasons(record), {4: "What the customer says", 5: "Solved on"})
        record.action_load()
        solved, still = self.env['customer.case'].search(
            [('partner_id', 'in', (self.huaxin | self.hansen).ids)], order='opened_at')
        self.assertRecordValues(solved, [{
            'partner_id': self.huaxin.id, 'state': 'closed', 'opened_at': datetime(2026, 3, 2, 12), 'satisfied': 'yes',
            'solved_at': datetime(2026, 3, 5, 12), 'solution': "换货", 'priority': '2', 'user_id': False, 'next_due': False}])
        self.assertIn("离职员", solved.description)
        self.assertEqual((still.state, still.next_due, still.breached, still.user_id), ('working', False, False, self.anna))
        self.assertEqual(self.env['mail.activity'].search_count([]), tasks)
        self.assertEqual(self.env['mail.mail'].search_count([]), mails)
        again = self._csv(rows[0], rows[1], [
            "2", "2026.4.2", "微信", "Hansen", "发票错误", "重开发票", "Anna", "已解决", "2026.4.9", "", ""], kind='cases')
        self.assertEqual((again.new_count, again.update_count, again.same_count), (0, 1, 1))
        again.action_load()
        self.assertEqual((still.state, still.solution), ('closed', "重开发票"))

    def test_rep_5_adjustments(self):
        """REP-5, STR-3: an adjustment sheet brings proposals, as drafts of whoever loads it; nothing is approved by a file."""
        rows = (
            ["客户名称", "当前策略", "调整原因", "调整后策略", "预期效果", "可行性", "执行日期"],
            ["华信贸易", "每月电话", "复购率下降", "改为每两周电话", "恢复", "高", "2027-01-15"],
            ["Hansen", "", "订单减少", "联合试点", "", "", ""])
        self.env['customer.strategy.template'].search([], limit=1).segment_ids = False  # one for every segment
        record = self._csv(*rows, kind='adjustments')
        self.assertEqual(self._reasons(record), {3: "Customer"}, "nothing to adjust")
        record.action_load()
        self.assertFalse(record.bad_ids.filtered(lambda row: row.number == 2), record.bad_ids.mapped('reason'))
        adjustment = self.env['customer.strategy.adjustment'].search([('partner_id', '=', self.huaxin.id)])
        self.assertRecordValues(adjustment, [{
            'state': 'draft', 'author_id': self.lena.id, 'core_approach': "改为每两周电话", 'feasibility': 'high',
            'date': date(2027, 1, 15)}])
        self.assertEqual(adjustment.strategy_id.core_approach, "每月电话")
        again = self._csv(*rows[:2], kind='adjustments')
        self.assertEqual((again.new_count, again.same_count), (0, 1))

    def test_rep_5_old_workbooks(self):
        """REP-5: a sheet of a page that programs save under the name of a workbook."""
        lines = ''.join('<tr>' + ''.join(f'<td>{cell}</td>' for cell in row) + '</tr>' for row in (
            ["客户名称", "跟进日期", "跟进记录"], ["华信贸易", "2026-11-03", "一"]))
        page = f'<html><meta charset="gb2312"><table>{lines}</table></html>'
        record = self._import(page.encode('gb18030'), name="导出.xls")
        self.assertEqual(record.new_count, 1)
        self.assertIn("web page", record.note)

    def test_rep_5_workbooks_of_the_old_kind(self):
        """REP-5: a workbook of the old kind is loaded as any other, whatever it is called."""
        self._customer("Müller & Söhne")
        record = self._import(sheets.old_workbook(), name="跟进表.xlsx")
        self.assertEqual((record.new_count, record.bad_count), (4, 0), record.bad_ids.mapped('reason'))
        record.action_load()
        self.assertEqual(self._contacts().mapped('contact_day'), [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 4)])
        self.assertEqual(self.huaxin.child_ids.mapped('name'), ["张三", "李四"])

    def _tiers(self):
        return [self.env.ref(f'customer_success.customer_tier_{name}') for name in ('high', 'mid', 'low')]

    def test_rep_5_tiers(self):
        """REP-5, SEG-1: the tier of a sheet is set by hand, with the sheet as its reason; of several the last day decides, a word
        that nobody knows is asked about once; taken back, the ranking decides again."""
        high, __, low = self._tiers()
        before = {customer: customer.customer_tier_id for customer in (self.huaxin, self.hansen)}
        rows = (["客户名称", "跟进日期", "跟进记录", "客户等级"], ["华信贸易", "2026-11-05", "二", "高价值"],
                ["华信贸易", "2026-11-03", "一", "低"], ["Hansen", "2026-11-04", "三", "铂金"])
        record = self._csv(*rows)
        self.assertEqual(self._reasons(record), {4: "Tier"})
        record.action_back()
        [question] = record.question_ids.filtered(lambda question: question.column == 'tier')
        question.option_id = question.option_ids.filtered(lambda option: option.value == 'low')
        record.action_preview()
        self.assertEqual(record.new_count, 3)
        self.assertIn("High value, by hand", ''.join(record.taken_ids.mapped('text')))
        record.action_load()
        self.assertEqual((self.huaxin.customer_tier_id, self.hansen.customer_tier_id), (high, low))
        self.assertEqual(self.huaxin.customer_tier_manual_id, high)
        self.assertIn("sheet.csv", self.huaxin.customer_tier_manual_reason)
        self.assertTrue(self.huaxin.customer_tier_manual_until)
        again = self._csv(*rows)
        self.assertEqual((again.new_count, again.update_count, again.same_count), (0, 0, 3))
        self.env['customer.import.undoer']._take_back(record)
        self.assertFalse(self.huaxin.customer_tier_manual_id or self.hansen.customer_tier_manual_id)
        self.assertEqual({customer: customer.customer_tier_id for customer in before}, before)

    def test_rep_5_tiers_are_for_leaders(self):
        """REP-5, PLT-2: a salesperson's sheet leaves the tier alone, and says so."""
        before = self.huaxin.customer_tier_id
        record = self._csv(
            ["客户名称", "跟进日期", "跟进记录", "客户等级"], ["华信贸易", "2026-11-05", "二", "高"], user=self.anna)
        self.assertIn("Only team leaders", record.taken_ids.text)
        record.action_load()
        self.assertEqual((self.huaxin.customer_tier_id, self.huaxin.customer_tier_manual_id.id), (before, False))

    def test_rep_5_kpis(self):
        """REP-5, STR-3: KPIs of an adjustment sheet become the targets of the proposal and of the strategy that begins; none is
        made; an actual value counts where nothing measures it."""
        self.env['customer.strategy.template'].search([], limit=1).segment_ids = False
        by_hand = self.env['customer.kpi'].create({'name': "Shelf Share", 'source': 'manual', 'unit': 'percent'})
        kpis = self.env['customer.kpi'].search_count([])
        rows = (
            ["客户名称", "当前策略", "KPI目标/实际", "调整原因", "调整后策略"],
            ["华信贸易", "每月电话", "复购率 ≥ 85% / 70%；Shelf Share 40 / 25", "复购率下降", "改为每两周电话"],
            ["Nordwind", "每月电话", "Market Charm ≥ 5", "订单减少", "联合试点"],
            ["Hansen", "每月电话", "复购率 待定", "订单减少", "联合试点"])
        record = self._csv(*rows, kind='adjustments')
        self.assertEqual(self._reasons(record), {3: "KPIs: target / actual", 4: "KPIs: target / actual"})
        self.assertIn("Market Charm", ''.join(record.question_ids.mapped('text')))
        record.action_load()
        adjustment = self.env['customer.strategy.adjustment'].search([('partner_id', '=', self.huaxin.id)])
        repurchase = self.env.ref('customer_success.customer_kpi_repurchase')
        goals = {line.kpi_id: line for line in adjustment.kpi_ids}
        self.assertEqual((goals[repurchase].new_target, goals[by_hand].new_target), (85, 40))
        agreed = {line.kpi_id: line for line in adjustment.strategy_id.kpi_ids}
        self.assertEqual((agreed[repurchase].target, agreed[by_hand].target), (85, 40))
        self.assertRecordValues(agreed[by_hand], [{'actual': 25, 'has_actual': True, 'note': "From a sheet"}])
        self.assertFalse(agreed[repurchase].by_hand, "what is measured stays measured")
        self.assertEqual(self.env['customer.kpi'].search_count([]), kpis)
        self.assertEqual(self._csv(*rows[:2], kind='adjustments').same_count, 1)
        changed = self._csv(rows[0], [*rows[1][:2], "复购率 ≥ 90%", *rows[1][3:]], kind='adjustments')
        self.assertEqual(changed.update_count, 1)
        changed.action_load()
        self.assertEqual(goals[repurchase].new_target, 90)
        self.env['customer.import.undoer']._take_back(changed)
        self.assertEqual(goals[repurchase].new_target, 85)

    def test_rep_5_queries(self):
        """REP-5: a plan asks for all rows at once, however many they are."""
        def queries(size):
            record = self._import(sheets.long_tracking(self.names, size))
            rows = self.env['customer.import.loader'].with_user(self.lena)._rows_of(record)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env['customer.import.loader'].with_user(self.lena)._plan(record, rows)
            return self.env.cr.sql_log_count - before
        queries(3)  # what is asked once and kept
        self.assertEqual(queries(10), queries(200))
