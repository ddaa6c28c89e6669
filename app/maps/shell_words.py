"""Words of what every page has: the bar, and what is said when the service or a right is gone."""

SHELL_WORDS: dict[str, tuple[str, str]] = {
    "my_day": ("我的一天", "My day"),
    "more_pages": ("更多", "More"),
    "pages": ("页面", "Pages"),
    "link_lost": ("连接中断，正在重试…", "Connection lost, trying again…"),
    "link_back": ("已恢复连接", "Connected again"),
    "link_busy": ("服务繁忙，稍后自动重试", "The service is busy; it is asked again shortly"),
    "rights_gone": ("您的权限已调整", "Your rights have changed"),
    "rights_gone_why": (
        "本页原有内容已移除，正在按新的权限重新载入…",
        "What this page showed was taken away; it is loading again with your new rights…",
    ),
    "rights_new": (
        "您的权限已调整，本页已按新的权限显示",
        "Your rights have changed; this page shows what you may see now",
    ),
    "session_over": ("登录已结束", "You are signed out"),
    "session_over_why": (
        "为保护客户信息，本页内容已移除。重新登录后回到这一页，筛选条件不变。",
        "To protect customers, what this page showed was taken away. Sign in again to come back to it.",
    ),
    "account_off": ("您的账号已停用", "Your account is switched off"),
    "account_off_why": (
        "本页内容已移除。如有疑问，请联系管理员。",
        "What this page showed was taken away. Ask the administrator.",
    ),
    "sign_in_again": ("重新登录", "Sign in again"),
    "file_of_branch": (
        "本图只绘{branch}，指标与图例为全行口径",
        "Drawn: {branch}; figures and legend: the whole bank",
    ),
    "away": ("系统暂时无法使用", "The service is not available for the moment"),
    "away_why": (
        "数据库正在重启或维护，已保存的内容不会丢失。恢复后本页自动打开，无需操作。",
        "The database is restarting; nothing that was saved is lost. This page opens by itself.",
    ),
    "reload": ("重新载入", "Reload"),
}

# What the script of every page says when the line, the session or a right is gone.
RECOVERY = (
    "link_lost", "link_back", "rights_gone", "rights_gone_why", "rights_new", "reload", "session_over",
    "session_over_why", "account_off", "account_off_why", "sign_in_again",
)  # fmt: skip


def list_recovery_words(lang: str) -> dict[str, str]:
    """The words of the recovery in a language."""
    return {key: SHELL_WORDS[key][0 if lang == "zh" else 1] for key in RECOVERY}
