/** One part of what somebody may see: rows of these departments, services and districts. An empty list limits nothing. */
export type Part = {
  department: readonly string[]
  service: readonly string[]
  district: readonly string[]
}

/** The rows that somebody may see: those of any of the parts. No part, no row. */
export type RowScope = readonly Part[]

/** Every row there is. */
export const everything: RowScope = [{ department: [], service: [], district: [] }]

/** Whether nothing is hidden from whoever has the scope. */
export const seesAll = (scope: RowScope): boolean =>
  scope.some(
    ({ department, service, district }) =>
      department.length === 0 && service.length === 0 && district.length === 0,
  )
