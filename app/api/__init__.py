"""HTTP only: who asked, what did he ask, how do we answer. No SQL, no geometry."""
