/** That of package.json, which a test compares: no place is sure where the command could read it from. */
export const VERSION = '0.1.0'
