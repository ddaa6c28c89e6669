-- How many households and residents has each village and community, and how many customers were placed in it?
SELECT u.households, u.residents, v.existing FROM unit u LEFT JOIN village_count v ON v.unit_code = u.code
WHERE u.kind IN ('village', 'community', 'street') AND u.valid @> current_date;
