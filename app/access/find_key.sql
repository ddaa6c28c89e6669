-- Which system holds the API key of a prefix, and what may it do till when?
SELECT k.key_hash, k.scopes, k.expires_at, u.id, u.login, u.name, u.role, u.staff_id, u.branch_id, u.team
FROM api_key k JOIN app_user u ON u.id = k.user_id
WHERE k.prefix = :prefix AND k.revoked_at IS NULL AND u.active
