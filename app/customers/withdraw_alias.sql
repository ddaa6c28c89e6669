-- Nobody proposes this written form for other places than these any more.
DELETE FROM place_alias
WHERE alias = :alias AND NOT place_code = ANY(CAST(:kept AS text[])) AND state = 'proposed'
