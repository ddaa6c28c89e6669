-- With which names, corrections and ground was the whole bank placed last?
SELECT version FROM placement_run
WHERE scope IN ('changed', 'all') AND finished_at IS NOT NULL
ORDER BY id DESC LIMIT 1
