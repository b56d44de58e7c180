"""Numbers on the pages of a PDF, where the printing program leaves no room for any."""
import io

from reportlab.pdfgen import canvas

from odoo.tools.pdf import PdfFileReader, PdfFileWriter

#: Above the lower edge, in points; the margin of all our sheets is larger.
ABOVE = 16

#: The numbers are written in this size, in a font that every reader of PDF files has. Digits are the same in all languages.
SIZE = 8
FONT = 'Helvetica'


def numbered(content):
    """Return a PDF with "2 / 5" in the middle of the lower edge of each page.

    :param bytes content: a PDF
    :rtype: bytes
    """
    reader, writer = PdfFileReader(io.BytesIO(content), strict=False), PdfFileWriter()
    for page in reader.pages:
        writer.add_page(page)
    count = len(writer.pages)
    for number, page in enumerate(writer.pages, 1):
        page.merge_page(PdfFileReader(io.BytesIO(_page(page.mediabox, f'{number} / {count}'))).pages[0])
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _page(box, text):
    """Return a PDF of one page with nothing but a text in the middle of its lower edge.

    :param box: the place that the page takes
    """
    stream = io.BytesIO()
    drawing = canvas.Canvas(stream, pagesize=(float(box.width), float(box.height)))
    drawing.setFont(FONT, SIZE)
    drawing.setFillGray(0.35)
    drawing.drawCentredString(float(box.left) + float(box.width) / 2, float(box.bottom) + ABOVE, text)
    drawing.save()
    return stream.getvalue()
