/** What the feedback form says, in English. `{service}`, `{most}` and `{count}` are filled in. */
export const en = {
  language: 'English',
  title: 'How was it? {service}',
  lead: 'Tell us how {service} went for you. It takes about a minute. Only the first question must be answered.',
  rating: {
    ask: 'Overall, how satisfied are you?',
    5: 'Very satisfied',
    4: 'Satisfied',
    3: 'Neither satisfied nor dissatisfied',
    2: 'Dissatisfied',
    1: 'Very dissatisfied',
    none: 'I have no opinion',
  },
  drivers: {
    ask: 'What went well, what did not?',
    hint: 'Leave out what does not fit.',
    empty: 'No answer',
    5: 'Strongly agree',
    4: 'Agree',
    3: 'Neither agree nor disagree',
    2: 'Disagree',
    1: 'Strongly disagree',
    effectiveness: 'I got what I needed.',
    ease: 'It was easy to do what I had to do.',
    speed: 'It took a reasonable time.',
    transparency: 'I always knew what would happen next.',
    humanity: 'I was treated with respect.',
    employee: 'The people I dealt with were helpful.',
    trust: 'I trust this service more than before.',
  },
  recommend: {
    ask: 'How likely are you to recommend this way of doing it to others?',
    hint: '0 is not at all likely, 10 is very likely.',
  },
  comment: {
    ask: 'What should we know?',
    hint: 'Please do not name people, and give no addresses, numbers or other details that show who you are. At most {most} characters.',
  },
  send: 'Send',
  privacy: 'No cookies. What you write is read without names, numbers and addresses: they are taken out.',
  mistakes: {
    title: 'Something is missing or wrong',
    prefix: 'Error:',
    missing: 'Choose how satisfied you are, or that you have no opinion.',
    not_a_choice: 'Choose one of the answers: {field}',
    too_long: 'Your text has {count} characters; at most {most} are possible. Shorten it a little.',
  },
  ends: {
    thanks: { title: 'Thank you', text: 'We have your answer. You can close this page.' },
    answered: {
      title: 'You have answered already',
      text: 'We have an answer for this link, and each link counts once. Thank you; there is nothing more to do.',
    },
    unknown: {
      title: 'This link does not work',
      text: 'It may be cut off or mistyped. Open it again from the message, or scan the code again.',
    },
    expired: {
      title: 'This link has expired',
      text: 'Answers were collected for a limited time. Thank you for wanting to tell us; your next request will bring a new link.',
    },
    too_large: {
      title: 'That was too much text',
      text: 'The answer could not be read. Go back, shorten your text to {most} characters, and send it again.',
    },
    not_a_form: {
      title: 'This could not be read',
      text: 'Answers are taken only from the form. Open your link again and send the form.',
    },
    too_often: {
      title: 'Too many answers at once',
      text: 'Many answers came from your connection just now. Wait a minute, go back, and send it again.',
    },
    later: {
      title: 'Please try again in a moment',
      text: 'Your answer could not be kept just now. Go back and send it again; nothing is lost on your page.',
    },
  },
}

export type Texts = typeof en
