"""Sheets as people have them, with what goes wrong in them, for the tests of loading."""
import io
import random
from datetime import datetime, timedelta

import xlsxwriter

HEADINGS = ["序号", "客户名称", "联系人", "手机号码", "跟进日期", "跟进方式", "跟进人", "跟进记录\n（必填）", "下一步计划",
            "下次跟进时间 ", "备注栏"]

PHONES = (13800138000, "138 0013 8000", "'13800138000", "１３８００１３８０００")
CHANNELS = ("电话", "微信", "上门拜访", " 邮件", "Phone")
NEVER = ("待定", "/", "猴年马月", "", "0000-00-00")

#: Days as they are written, and the day of 2026 that is meant; None for nothing.
DAYS = {
    '2026.11.3': (11, 3), '2026/11/3': (11, 3), '2026-11-03': (11, 3), '2026年11月3日 下午3点': (11, 3), '20261103': (11, 3),
    '26-11-3': (11, 3), '11月3日': (11, 3), ' ２０２６．１１．３ ': (11, 3), '2026-11-03 00:00:00': (11, 3), '11/3': (11, 3),
    '46329': (11, 3), '2026-11-3（周二）': (11, 3), '3 Nov 2026': (11, 3),
}

#: What is no day, and why.
NO_DAYS = {'昨天': 'relative', '2026-02-31': 'no_day', '2026年11月': 'month_only', '已联系': 'words',
           '2026-11-01 至 2026-11-03': 'several'}


def workbook(write, **options):
    """Return the bytes of a workbook.

    :param write: function of the workbook
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {'in_memory': True, **options})
    write(book)
    book.close()
    return stream.getvalue()


def table(rows, **options):
    """Return the bytes of a workbook with one sheet of plain rows.

    :param rows: lists of cells, the first one of the headings
    """
    def write(book):
        sheet = book.add_worksheet()
        day = book.add_format({'num_format': 'yyyy-mm-dd hh:mm'})
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                put(sheet, number, column, cell, day)
    return workbook(write, **options)


def put(sheet, row, column, cell, day):
    """Write a cell as what it is."""
    if isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell, day)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell)
    elif cell:
        sheet.write_string(row, column, cell)


def trapped(number, cells, dice):
    """Put a trap into a row, if it is the turn of one, and return the column to blame, '' where the row can be taken."""
    trap = number % 40
    if trap == 1:
        cells[4] = dice.choice(list(NO_DAYS))
    elif trap == 2:
        cells[1] = "没有这个客户有限公司"
    elif trap == 3:
        cells[3] = dice.choice(("1.38001E+10", 13800138000123456))
    elif trap == 4:
        cells[4] = ''
    elif trap == 5:
        cells[4] = datetime(2026, 11, 3)
    elif trap == 6:
        cells[1] = f"\u3000{cells[1]}\u200b "
    return {1: 'day', 2: 'customer', 3: 'phone', 4: 'day', 7: 'next_step'}.get(trap, '')


def interrupted(book, sheet, number):
    """Put what is no row between the rows, if it is the turn of one: the title of a month, a sum, nothing."""
    if number % 211 == 0:
        sheet.merge_range(number, 0, number, 10, f"{number // 211}月份")
    elif number % 307 == 0:
        sheet.write_string(number, 0, "合计")
        sheet.write_number(number, 3, number)
    return number % 211 == 0 or number % 307 == 0 or number % 401 == 0


def tracking(customers, colleague, size=2000, seed=7):
    """Return a tracking sheet with every trap, and what is right about its rows.

    :param customers: names of customers
    :param str colleague: name of a colleague
    :return: bytes, number of rows that can be taken, and the rows that can't, by number with the column to blame
    :rtype: tuple[bytes, int, dict[int, str]]
    """
    dice, good, bad = random.Random(seed), [], {}

    def write(book):
        day = book.add_format({'num_format': 'yyyy/m/d'})
        book.add_worksheet("说明").write_string(0, 0, "请填写后交给客户经理")
        sheet = book.add_worksheet("跟进表")
        sheet.merge_range(0, 0, 0, 10, "客户关系维护跟踪表 2026")
        sheet.write_string(1, 0, "填表说明：日期请写完整")
        for column, heading in enumerate(HEADINGS):
            sheet.write_string(2, column, heading)
        number = 3
        while len(good) + len(bad) < size:
            if not interrupted(book, sheet, number):
                cells = [
                    number - 2, dice.choice(customers), "张经理", dice.choice(PHONES), dice.choice(list(DAYS)),
                    dice.choice(CHANNELS), colleague, f"第{number}次沟通，等报价", "发送报价", dice.choice(NEVER), "=HYPERLINK"]
                if column := trapped(number, cells, dice):
                    bad[number + 1] = column
                else:
                    good.append(number + 1)
                for place, cell in enumerate(cells):
                    put(sheet, number, place, cell, day)
                if column == 'next_step':
                    sheet.write_formula(number, 8, '=NA()', None, '#N/A')
            number += 1
        sheet.write_string(number + 1, 0, "合计")
        sheet.autofilter(2, 0, number, 10)
    data = workbook(write)
    return data, len(good), bad


def long_tracking(customers, size):
    """Return a plain tracking sheet with so many rows."""
    start = datetime(2024, 1, 1)
    return table([["Customer", "Date", "Channel", "What was said", "Next step", "Contact person"]] + [
        [customers[number % len(customers)], start + timedelta(days=number // len(customers) % 900), "Phone", f"Talk {number}",
         "Send the offer", "Jo Brown"] for number in range(size)])


def old_workbook(date1904=False):
    """Return the bytes of a workbook of the old kind (BIFF8), with what goes wrong in these."""
    import xlwt  # noqa: PLC0415  only these tests need it
    book = xlwt.Workbook(encoding='utf-8')
    book.dates_1904 = date1904
    notes = book.add_sheet("说明")
    notes.write(0, 0, "请填写后交给客户经理")
    notes.visibility = 1
    sheet = book.add_sheet("跟进表")
    day, moment = xlwt.easyxf(num_format_str='YYYY-MM-DD'), xlwt.easyxf(num_format_str='yyyy"年"m"月"d"日" h:mm')
    sheet.write_merge(0, 0, 0, 4, "客户关系维护跟踪表 2026")
    for column, heading in enumerate(("客户名称", "联系人", "电话", "跟进日期 ", "跟进记录")):
        sheet.write(1, column, heading)
    sheet.write_merge(2, 3, 0, 0, "华信贸易有限公司")
    shift = 1462 if date1904 else 0
    rows = (
        (2, (None, "张三", 13800138000, (46082 - shift, day), "第一次沟通\n等报价")),
        (3, (None, "李四", "021-6234 5678", (46083.645833333336 - shift, moment), "=HYPERLINK")),
        (5, ("Hansen GmbH", "Jo", None, "2026.3.4", None)), (6, ("Müller & Söhne", None, None, 46085 - shift, None)),
        (8, ("合计", None, 2, None, None)))
    for number, cells in rows:
        for column, cell in enumerate(cells):
            if cell is not None:
                sheet.write(number, column, *(cell if isinstance(cell, tuple) else (cell,)))
    sheet.row(5).hidden = True
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
