"""The files of a small project: dropped orders, counted by country."""

ORDERS_SOURCE = """\
source: bronze.orders
type: files
path: data/orders/*.csv
contract: contracts/orders.odcs.yaml
settle: 0s
"""

ORDERS_CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - { name: id, logicalType: integer, primaryKey: true }
      - { name: country, logicalType: string, required: true }
      - { name: amount, logicalType: number, physicalType: "decimal(9,2)" }
"""

ORDERS_MODEL = """\
SELECT country, count(*) AS orders, sum(amount) AS amount
FROM bronze.orders
GROUP BY country
"""
