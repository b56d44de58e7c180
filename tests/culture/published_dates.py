"""Dates of festivals as their sources publish them, to hold against what the addon computes (CUL-2).

None comes from the Python libraries that the addon uses. Where sighting or local reckoning makes sources differ, the comment
says so.
"""

# Umm al-Qura calendar of Saudi Arabia (King Abdulaziz City for Science and Technology); 2024 and 2025 as announced
# by the Saudi Supreme Court too. Countries that sight the moon themselves begin a day later in some years (2024:
# 12 March in Morocco and Oman, 2025: 2 March in Morocco, Pakistan and India); other rules give 6 January for 2030.
RAMADAN = {
    2024: '2024-03-11',
    2025: '2025-03-01',
    2026: '2026-02-18',
    2027: '2027-02-08',
    2028: '2028-01-28',
    2029: '2029-01-16',
    2030: '2030-01-05',
}

# Ramadan begins twice in 2030: those of 1451 and of 1452 AH. Same source.
RAMADAN_SECOND = {2030: '2030-12-26'}

# 1 Shawwal of the Umm al-Qura calendar; 2024 and 2025 as announced in Saudi Arabia. A day later elsewhere in some years
# (2025: 31 March in Egypt, Indonesia, Malaysia and Oman).
EID_AL_FITR = {
    2024: '2024-04-10',
    2025: '2025-03-30',
    2026: '2026-03-20',
    2027: '2027-03-09',
    2028: '2028-02-26',
    2029: '2029-02-14',
    2030: '2030-02-04',
}

# 10 Dhu al-Hijja of the Umm al-Qura calendar; 2024 and 2025 as announced in Saudi Arabia. A day later elsewhere in some
# years (2024 and 2025: 17 June and 7 June in Pakistan, India, Malaysia and Morocco).
EID_AL_ADHA = {
    2024: '2024-06-16',
    2025: '2025-06-06',
    2026: '2026-05-27',
    2027: '2027-05-16',
    2028: '2028-05-05',
    2029: '2029-04-24',
    2030: '2030-04-13',
}

# Gregorian-lunar conversion tables of the Hong Kong Observatory: first day of the first lunar month.
CHINESE_NEW_YEAR = {
    2024: '2024-02-10',
    2025: '2025-01-29',
    2026: '2026-02-17',
    2027: '2027-02-06',
    2028: '2028-01-26',
    2029: '2029-02-13',
    2030: '2030-02-03',
}

# Gregorian-lunar conversion tables of the Hong Kong Observatory: 15th day of the eighth lunar month.
MID_AUTUMN = {
    2024: '2024-09-17',
    2025: '2025-10-06',
    2026: '2026-09-25',
    2027: '2027-09-15',
    2028: '2028-10-03',
    2029: '2029-09-22',
    2030: '2030-09-12',
}

# Main day (Lakshmi Puja) in India: the government's lists of holidays for 2024 to 2026, published almanacs from then
# on. Almanacs that reckon the new moon otherwise have a day later in two years, as have Fiji and parts of India.
DIWALI = {
    2024: '2024-10-31',
    2025: '2025-10-20',
    2026: '2026-11-08',
    2027: '2027-10-29',
    2028: '2028-10-17',
    2029: '2029-11-05',
    2030: '2030-10-26',
}
DIWALI_ELSEWHERE = {2024: '2024-11-01', 2025: '2025-10-21'}

# From Showa Day to Children's Day, by Japan's Act on National Holidays: the same days every year.
GOLDEN_WEEK_JAPAN = {year: (f'{year}-04-29', f'{year}-05-05') for year in range(2024, 2031)}

# By the yearly notices of the State Council of China, 1 to 7 October. In 2025 the holiday lasted to the 8th, because
# Mid-Autumn fell into it.
GOLDEN_WEEK_CHINA = {year: (f'{year}-10-01', f'{year}-10-07') for year in range(2024, 2031)}

# Fourth Thursday of November (United States Code, title 5, section 6103), as in printed calendars.
THANKSGIVING = {
    2024: '2024-11-28',
    2025: '2025-11-27',
    2026: '2026-11-26',
    2027: '2027-11-25',
    2028: '2028-11-23',
    2029: '2029-11-22',
    2030: '2030-11-28',
}

# Shrove Tuesday (Mardi Gras), from published church calendars: 47 days before Western Easter.
CARNIVAL_TUESDAY = {
    2024: '2024-02-13',
    2025: '2025-03-04',
    2026: '2026-02-17',
    2027: '2027-02-09',
    2028: '2028-02-29',
    2029: '2029-02-13',
    2030: '2030-03-05',
}

# Main day, 15th day of the eighth month of the Korean lunar calendar, from published calendars of Korean holidays.
CHUSEOK = {
    2024: '2024-09-17',
    2025: '2025-10-06',
    2026: '2026-09-25',
    2027: '2027-09-15',
    2028: '2028-10-03',
    2029: '2029-09-22',
    2030: '2030-09-12',
}
