"""The sentences with which a file is refused, one place for all readers."""

from app.errors import NeedsAnswer, RefusedFile

_SENTENCES: dict[str, tuple[str, str]] = {
    "empty_file": ("文件是空的（0 字节）", "The file is empty (0 bytes)"),
    "file_missing": ("找不到文件", "There is no such file"),
    "file_too_large": ("文件超过允许的大小", "The file is larger than allowed"),
    "unknown_format": (
        "无法识别的文件格式；请提供 shapefile（zip）、GeoPackage、FileGDB、GeoJSON、KML、MapInfo、DXF "
        "或带坐标的表格",
        "Unknown file format; please send a shapefile (zip), GeoPackage, FileGDB, GeoJSON, KML, MapInfo, DXF "
        "or a table with shapes",
    ),
    "content_mismatch": (
        "文件内容与扩展名不符",
        "The content of the file is not what its name says",
    ),
    "old_office": (
        "旧版 Office 文件（.xls）无法读取，请另存为 .xlsx 或 CSV",
        "An old Office file (.xls) is not read; please save it as .xlsx or CSV",
    ),
    "archive_broken": ("压缩包损坏或不完整", "The archive is broken or incomplete"),
    "archive_locked": ("压缩包有密码，无法读取", "The archive is locked with a password"),
    "archive_path": (
        "压缩包内有不安全的路径或链接，已拒绝",
        "The archive holds an unsafe path or link and is refused",
    ),
    "archive_entries": ("压缩包内文件过多", "The archive holds too many files"),
    "archive_too_large": ("压缩包解开后超过允许的大小", "The archive would unpack to more than is allowed"),
    "archive_bomb": ("压缩比异常，疑似压缩炸弹，已拒绝", "The compression ratio is that of a bomb; refused"),
    "archive_rar": (
        "rar、7z 压缩包无法读取，请解压后改用 zip 重新压缩",
        "rar and 7z archives are not read; please unpack it and pack it anew as zip",
    ),
    "archive_tar": (
        "tar、gz 等压缩包无法读取，请解压后改用 zip 重新压缩",
        "tar, gz and the like are not read; please unpack it and pack it anew as zip",
    ),
    "archive_nested": (
        "压缩包层层嵌套（超过一层），请解压后重新压缩",
        "The archive holds archives within archives; please unpack it and pack it anew",
    ),
    "dwg": ("DWG 文件无法读取，请在 CAD 中另存为 DXF", "DWG is not read; please save it as DXF"),
    "dxf_binary": (
        "二进制 DXF 无法读取，请另存为文本（ASCII）DXF",
        "A binary DXF is not read; please save it as text (ASCII) DXF",
    ),
    "dxf_broken": ("DXF 已损坏，无法读取", "The DXF is broken"),
    "dxf_truncated": (
        "DXF 不完整（文件被截断），未读取任何记录",
        "The DXF is truncated; not a single row was taken",
    ),
    "access_database": (
        "个人地理数据库（.mdb）无法读取，请导出为 FileGDB 或 shapefile",
        "A personal geodatabase (.mdb) is not read; please export it as FileGDB or shapefile",
    ),
    "picture": (
        "这是图片或 PDF，不是矢量边界；请提供矢量文件",
        "This is a picture or a PDF, not a drawing of borders; please send a vector file",
    ),
    "no_shp": (
        "缺少 .shp 图形文件，只有属性表",
        "The .shp with the shapes is missing; there is only a table",
    ),
    "gdb_loose": (
        "FileGDB 是一个文件夹，请把整个 .gdb 文件夹压缩为 zip 上传",
        "A file geodatabase is a folder; please zip the whole .gdb folder",
    ),
    "gdb_incomplete": (
        "FileGDB 不完整，缺少文件",
        "The file geodatabase is incomplete; a file is missing",
    ),
    "gdb_truncated": (
        "FileGDB 不完整（表文件被截断），未读取任何记录",
        "The file geodatabase is truncated; not a single row was taken",
    ),
    "gdb_broken": ("FileGDB 已损坏", "The file geodatabase is broken"),
    "layer_incomplete": (
        "图层不完整，能读出的记录少于文件声明的数量",
        "The layer is incomplete: fewer rows can be read than the file promises",
    ),
    "mapinfo_broken": (
        "MapInfo 文件已损坏或不完整，未读取任何记录",
        "The MapInfo file is broken or cut off; not a single row was taken",
    ),
    "mapinfo_linked": (
        "此 .tab 只是指向其他文件或数据库的链接（视图、拼接表、栅格），无法读取；请另存为独立的表",
        "This .tab only points to other files or a database; please save it as a table of its own",
    ),
    "mapinfo_incomplete": ("MapInfo 表缺少文件", "A part of the MapInfo table is missing"),
    "gpkg_broken": (
        "GeoPackage 已损坏，未读取任何记录",
        "The GeoPackage is broken; not a single row was taken",
    ),
    "gpkg_truncated": (
        "GeoPackage 不完整（文件被截断），未读取任何记录",
        "The GeoPackage is truncated; not a single row was taken",
    ),
    "gpkg_foreign": (
        "是 SQLite 数据库，但不是 GeoPackage",
        "It is an SQLite database but not a GeoPackage",
    ),
    "too_much_text": ("图层的文字内容超过允许的上限", "The layer holds more text than allowed"),
    "no_layer": ("压缩包或文件夹内没有边界图层", "The archive or folder holds no boundary layer"),
    "empty_layer": ("图层没有任何记录", "The layer has no rows"),
    "shp_broken": ("shapefile 已损坏", "The shapefile is broken"),
    "shp_truncated": (
        "shapefile 不完整（文件被截断），未读取任何记录",
        "The shapefile is truncated; not a single row was taken",
    ),
    "dbf_truncated": ("属性表 .dbf 不完整（文件被截断）", "The attribute table .dbf is truncated"),
    "dbf_broken": ("属性表 .dbf 已损坏", "The attribute table .dbf is broken"),
    "counts_differ": (
        "图形与属性记录数不一致",
        "The numbers of shapes and of attribute rows differ",
    ),
    "json_broken": ("GeoJSON 语法错误", "The GeoJSON is not well formed"),
    "json_too_deep": ("GeoJSON 嵌套过深", "The GeoJSON is nested too deeply"),
    "not_geojson": ("是 JSON，但不是 GeoJSON 要素", "It is JSON but holds no GeoJSON features"),
    "json_truncated": (
        "文件不完整（最后一行被截断），未读取任何记录",
        "The file is cut off in its last line; not a single row was taken",
    ),
    "topojson_broken": ("TopoJSON 的弧段引用有误", "The arcs of the TopoJSON make no sense"),
    "xml_broken": ("KML 语法错误", "The KML is not well formed"),
    "xml_truncated": (
        "KML 不完整（文件被截断），未读取任何记录",
        "The KML is truncated; not a single row was taken",
    ),
    "xml_too_deep": ("KML 嵌套过深", "The KML is nested too deeply"),
    "xml_entities": (
        "KML 含有 DTD 或实体声明，已拒绝",
        "The KML declares a document type or entities and is refused",
    ),
    "table_broken": ("表格内容无法解析", "The table cannot be taken apart"),
    "table_truncated": (
        "表格不完整（引号未闭合，文件被截断）",
        "The table is cut off: a quotation mark is never closed",
    ),
    "no_geometry_column": (
        "表格中没有图形列（WKT、GeoJSON、WKB）也没有经纬度列",
        "The table has neither a column of shapes (WKT, GeoJSON, WKB) nor longitude and latitude",
    ),
    "srid_mixed": ("各行声明的坐标系（SRID）不一致", "The rows declare different coordinate systems (SRID)"),
    "workbook_broken": ("Excel 文件已损坏或不是工作簿", "The workbook is broken or none at all"),
    "parquet_broken": ("Parquet 文件已损坏", "The Parquet file is broken"),
    "too_many_rows": ("图层行数超过允许的上限", "The layer has more rows than allowed"),
    "too_many_columns": ("图层字段数超过允许的上限", "The layer has more columns than allowed"),
    "too_many_vertices": ("图层顶点数超过允许的上限", "The layer has more vertices than allowed"),
    "unreadable": ("文件无法读取", "The file cannot be read"),
    "too_slow": ("读取超时，已中止", "Reading took too long and was stopped"),
    "too_much_memory": ("读取所需内存超过上限，已中止", "Reading needed more memory than allowed"),
    "reader_failed": ("读取进程异常终止，文件已拒绝", "The reading process died on this file; refused"),
    "reader_unsafe": (
        "读取组件含有未许可的驱动，已停止读取",
        "The reading library has drivers that are not allowed; nothing was read",
    ),
}


def refuse(code: str, detail: str = "") -> RefusedFile:
    """Return the error that refuses a file for a known reason, with a detail such as a member's name."""
    zh, en = _SENTENCES[code]
    return RefusedFile(code, zh=f"{zh}：{detail}" if detail else zh, en=f"{en}: {detail}" if detail else en)


def ask_layer(code: str, layers: list[str]) -> NeedsAnswer:
    """Return the question (an error) which of several layers is meant."""
    zh = "文件中有多个图层，请选择" if code == "several_layers" else "文件中没有这个图层，请选择"
    en = "The file holds several layers" if code == "several_layers" else "The file has no such layer"
    options = [{"value": name, "zh": name, "en": name} for name in layers]
    question = {"code": code, "zh": zh, "en": en + "; please choose", "options": options}
    return NeedsAnswer(code, zh=zh, en=en + "; please choose", questions=[question], layers=layers)
