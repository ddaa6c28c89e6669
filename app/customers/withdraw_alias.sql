-- Nobody proposes this written form for this place any more.
DELETE FROM place_alias WHERE alias = :alias AND place_code = :place_code AND state = 'proposed'
