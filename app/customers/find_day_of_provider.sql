-- How often was this provider asked today (Beijing time), and was it stopped?
SELECT asked, failed, stopped FROM provider_use
WHERE provider = :provider AND day = CAST(now() AT TIME ZONE 'Asia/Shanghai' AS date)
