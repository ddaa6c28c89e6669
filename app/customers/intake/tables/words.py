"""Why a file is no table that can be read, and what to do about it: Chinese and English by code."""

from app.errors import RefusedFile

WORDS = {
    "not_a_table": (
        "这不是能读取的表格；请提供 CSV/TSV 文本、.xlsx 或 Parquet 文件",
        "this is no table that can be read; send CSV/TSV text, .xlsx or Parquet",
    ),
    "empty_file": ("文件是空的", "the file is empty"),
    "file_changed": (
        "读取过程中文件变短了，请等文件写完后重新导入",
        "the file became shorter while it was read; import it again when it is complete",
    ),
    "old_workbook": (
        "这是旧版 Excel 文件（.xls），请在 Excel 或 WPS 中另存为 .xlsx 或 CSV 后重新导入",
        "this is an old Excel file (.xls); save it as .xlsx or CSV and import that",
    ),
    "workbook_locked": (
        "工作簿有打开密码，无法读取；请在 Excel 或 WPS 中取消密码、另存后重新导入",
        "the workbook is locked with a password; take the password off, save it and import it again",
    ),
    "workbook_macros": (
        "工作簿里有宏，已拒绝；请另存为不含宏的 .xlsx 或 CSV 后重新导入",
        "the workbook has macros and is refused; save it as .xlsx without macros, or as CSV",
    ),
    "workbook_formulas": (
        "工作簿里有未计算的公式（单元格没有值）；请用 Excel 或 WPS 打开、保存一次后重新导入",
        "the workbook has formulas that nobody calculated; open it in Excel, save it and import it again",
    ),
    "workbook_binary": (
        "这是二进制工作簿（.xlsb），请另存为 .xlsx 或 CSV 后重新导入",
        "this is a binary workbook (.xlsb); save it as .xlsx or CSV",
    ),
    "workbook_broken": (
        "Excel 文件已损坏或不完整，请重新导出",
        "the workbook is broken or incomplete; export it again",
    ),
    "workbook_too_large": (
        "工作簿太大，读取时超出允许的内存或时间；请另存为 CSV 后重新导入",
        "the workbook takes more memory or time than is allowed; save it as CSV and import that",
    ),
    "no_heading": (
        "工作簿里没有带表头的工作表：需要一行列名，下面至少一行数据",
        "no sheet of the workbook has a heading: a row of names with at least one row below it",
    ),
    "other_document": (
        "这不是 Excel 工作簿（是其他办公文档）；请另存为 .xlsx 或 CSV",
        "this is another kind of office document; save the table as .xlsx or CSV",
    ),
    "packed_file": (
        "这是压缩包，请解压后导入其中的表格",
        "this is an archive; unpack it and import the table that is in it",
    ),
    "web_page": (
        "这是网页（HTML/XML），不是表格；请在 Excel 或 WPS 中打开后另存为 .xlsx 或 CSV",
        "this is a web page (HTML/XML), no table; open it in Excel and save it as .xlsx or CSV",
    ),
    "parquet_broken": (
        "Parquet 文件已损坏或不完整，请重新导出",
        "the Parquet file is broken or incomplete; export it again",
    ),
}


def refuse(code: str) -> RefusedFile:
    """The error of a code in `WORDS`."""
    zh, en = WORDS[code]
    return RefusedFile(code, zh=zh, en=en)
