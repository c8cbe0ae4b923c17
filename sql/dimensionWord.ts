/** What people call a dimension. */
export const dimensionWord = (dimension: string): string => (dimension === 'subtype' ? 'type' : dimension)
