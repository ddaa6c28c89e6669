-- Takes away all names that one source sent before, so that its new file replaces them.
DELETE FROM place WHERE code_source = :code_source
