import { driverIds } from '../../sql/satisfaction.ts'
import type { Layout } from './layouts.ts'

/** What others ask for, as layouts of the same published figures: nothing in them is counted anew. */
export const frameworks: readonly Layout[] = [
  {
    id: 'govuk_kpis',
    title: 'Four key figures of a service',
    means:
      'Cost for each completed request, satisfaction, completion and online share of each service, by quarter.',
    services: 'each',
    by: null,
    periods: 'quarters',
    measures: [
      'cost_per_transaction',
      'completed',
      'satisfied_share',
      'ratings',
      'completion_rate',
      'completed_or_given_up',
      'digital_take_up',
      'received_known',
      'data_known',
    ],
    framework: {
      name: 'GOV.UK Service Manual: data you must publish',
      url: 'https://www.gov.uk/service-manual/measuring-success/data-you-must-publish',
    },
  },
  {
    id: 'omb_a11_280',
    title: 'Customer experience by service and channel',
    means:
      'How many were asked and answered, how many were satisfied, and what they said of seven drivers, by quarter.',
    services: 'each',
    by: 'channel',
    periods: 'parts',
    measures: [
      'customers',
      'feedback_offered',
      'feedback_given',
      'response_rate',
      'ratings',
      'satisfied',
      'satisfied_share',
    ],
    framework: {
      name: 'OMB Circular A-11, section 280',
      url: 'https://www.performance.gov/cx/a11-280.pdf',
    },
  },
  // by channel nearly all of it would be hidden, and much beside it
  {
    id: 'omb_a11_280_drivers',
    title: 'What drives satisfaction',
    means: 'What people said of seven drivers of a good service, by service and quarter.',
    services: 'each',
    by: null,
    periods: 'parts',
    measures: [
      'feedback_given',
      ...driverIds.flatMap((driver) => [
        `driver_${driver}_told`,
        `driver_${driver}_positive`,
        `driver_${driver}`,
      ]),
    ],
    framework: {
      name: 'OMB Circular A-11, section 280',
      url: 'https://www.performance.gov/cx/a11-280.pdf',
    },
  },
  {
    id: 'waiting_list',
    title: 'Waiting list',
    means: 'Who was still waiting at the end of each month, and how many within the promised time.',
    services: 'with_cases',
    by: null,
    periods: 'months',
    measures: [
      'backlog',
      'open_with_promise',
      'open_in_time',
      'within_standard_share',
      'backlog_age_median',
      'backlog_age_p92',
      'open_over_52_weeks',
      'data_known',
    ],
    framework: {
      name: 'NHS England: referral to treatment waiting times',
      url: 'https://www.england.nhs.uk/statistics/statistical-work-areas/rtt-waiting-times/',
    },
  },
  {
    id: 'service_standards',
    title: 'Service standards',
    means:
      'What was promised, the target for keeping the promise, how many it was kept for, and whether the target was met, by quarter.',
    services: 'with_promise',
    by: null,
    periods: 'quarters',
    measures: [
      'standard_target',
      'closed_on_time',
      'closed_with_promise',
      'on_time_rate',
      'waits_in_time',
      'waits_promised',
      'wait_in_time_rate',
      'data_known',
    ],
    framework: {
      name: 'Government of Canada: guideline on service and digital, service standards',
      url: 'https://www.canada.ca/en/government/system/digital-government/guideline-service-digital.html',
    },
  },
]
