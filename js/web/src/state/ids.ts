/** A name that nothing else has. (crypto.randomUUID is missing where a page came over plain HTTP from another machine.) */
export const newId = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-');
