-- By which names of its own province, city and county may an address of the bank's ground begin?
SELECT DISTINCT name FROM place WHERE level IN ('province', 'city', 'county')
