/** Terms of published lists that catalogues share. */
const authority = 'http://publications.europa.eu/resource/authority/'

export const terms = {
  english: `${authority}language/ENG`,
  monthly: `${authority}frequency/MONTHLY`,
  public: `${authority}access-right/PUBLIC`,
  /** Files of a release stay where they are for ever. */
  stable: `${authority}planned-availability/STABLE`,
  themes: 'http://publications.europa.eu/resource/authority/data-theme',
  government: `${authority}data-theme/GOVE`,
  withdrawn: `${authority}dataset-status/WITHDRAWN`,
  file: (type: string) => `${authority}file-type/${type}`,
  media: (type: string) => `https://www.iana.org/assignments/media-types/${type}`,
  sha256: 'http://spdx.org/rdf/terms#checksumAlgorithm_sha256',
  completeness: 'http://www.w3.org/2016/05/ldqd#completeness',
  double: 'http://www.w3.org/2001/XMLSchema#double',
}

export const keywords = ['public services', 'service performance', 'waiting times']
