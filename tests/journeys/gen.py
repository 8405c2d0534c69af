HEAD='''[programme]
id = "p"
name = "A programme"
reference = "worked by hand"
'''
def rule(id,family,judged='start',frm='2015-01-01',ref='worked by hand',versions=None,**k):
    s=f'\n[[rule]]\nid = "{id}"\nfamily = "{family}"\njudged_by = "{judged}"\nreference = "{ref}"\n'
    for f,kk in (versions or [(frm,k)]):
        s+=f'[[rule.version]]\neffective_from = {f}\n'
        tiers=kk.pop('tiers',None)
        for a,b in kk.items():
            s+=f'{a} = '+(f'"{b}"' if isinstance(b,str) else str(b))+'\n'
        for t in tiers or []:
            s+=f'[[rule.version.tier]]\nid = "{t[0]}"\nhours_per_week = {t[1]}\nweeks = {t[2]}\n'
    return s
def table(id,rows):
    s=f'[[rate_table]]\nid = "{id}"\nname = "Rates"\nreference = "worked by hand"\n'
    for d,p in rows: s+=f'[[rate_table.row]]\neffective_from = {d}\npence = {p}\n'
    return s
def file(name,about,rules,facts,journeys,tables='',pack=None):
    s=f'# {about}\n'
    s+= "pack = '''\n"+HEAD+''.join(rules)+"'''\n" if rules else 'bundled = "yes"\n'
    if tables: s+="tables = '''\n"+tables+"'''\n"
    if facts: s+="facts = '''\n"+facts.strip()+"\n'''\n"
    for n,f,r in journeys:
        alone=n.startswith('!')
        s+=f'\n[[journey]]\nname = "{n.lstrip("!")}"\n'+('alone = true\n' if alone else '')
        if f.strip(): s+="facts = '''\n"+f.strip()+"\n'''\n"
        s+="reads = '''\n"+r.strip()+"\n'''\n"
    open(name,'w').write(s)
W=dict(min_weekly_hours=16,anchor='first_job_start')
RS='2020-01-01 R referred\n2020-01-01 S started'
d1='start_is_day_1'; d0='start_is_day_0'

file('silence.toml','Section 3: how long a job with no reported end is believed, and what happens after.',[
 rule('last-day','weeks_in_window',weeks=2,window_weeks=2,silence_days=13,**W,ref='two weeks, believed for 13 days: just long enough'),
 rule('day-short','weeks_in_window',weeks=2,window_weeks=2,silence_days=12,**W,ref='two weeks, believed for 12 days: a day too short'),
 rule('none','weeks_in_window',weeks=1,window_weeks=1,silence_days=0,**W,ref='believed on days of evidence only'),
 rule('two','weeks_in_window',weeks=2,window_weeks=2,silence_days=14,**W),
 rule('three','weeks_in_window',weeks=3,window_weeks=3,silence_days=14,**W),
 rule('four','weeks_in_window',weeks=4,window_weeks=4,silence_days=14,**W),
 rule('one-of-four','weeks_in_window',weeks=1,window_weeks=4,silence_days=14,**W),
 rule('trusting','weeks_in_window',weeks=4,window_weeks=4,**W,ref='a silent job is believed'),
],RS,[
 ('a silent job is believed on the last day of the silence and not on the day after','2020-01-06 A job a starts 16h','''
2020-06-01 last-day met 2020-01-19 because R S A
2020-06-01 day-short unknown from 2020-01-19
2020-06-01 none unknown from 2020-01-07
2020-06-01 two met 2020-01-19
2020-06-01 trusting met 2020-02-02 because R S A'''),
 ('an unknown day makes its week unknown once the week has passed, and to come before','2020-01-06 A job a starts 16h','''
2020-01-25 three not yet until 2020-01-26
2020-01-26 three unknown from 2020-01-21
2020-02-01 four not yet until 2020-02-02
2020-02-02 four unknown from 2020-01-21'''),
 ('a verification carries belief from the last day it covers, not from the day it was obtained','''
2020-01-06 A job a starts 16h
2020-01-26 V job a verified 2020-01-06 to 2020-01-10''','''
2020-02-02 four unknown from 2020-01-25
2020-01-26 three unknown from 2020-01-25'''),
 ('a verification that reaches far enough settles the unknown','''
2020-01-06 A job a starts 16h
2020-01-26 V job a verified 2020-01-06 to 2020-01-25''','''
2020-02-02 four met 2020-02-02 because R S A V
2020-02-02 known 2020-01-25 four unknown from 2020-01-21
2020-01-26 three met 2020-01-26 because R S A V'''),
 ('a verification reaches its last day of silence and not the next','''
2020-01-06 A job a starts 16h
2020-01-26 V job a verified 2020-01-06 to 2020-01-19''','''
2020-06-01 four met 2020-02-02 because R S A V'''),
 ('a verification that ends a day earlier leaves the last day unknown','''
2020-01-06 A job a starts 16h
2020-01-26 V job a verified 2020-01-06 to 2020-01-18''','''
2020-06-01 four unknown from 2020-02-02'''),
 ('a verification that carried no belief is no reason','''
2020-01-06 A job a starts 16h
2020-01-12 U job a verified 2020-01-06 to 2020-01-10
2020-01-26 V job a verified 2020-01-06 to 2020-01-25''','''
2020-06-01 four met 2020-02-02 because R S A V
2020-06-01 two met 2020-01-19 because R S A'''),
 ('a verification of another job carries nothing','''
2020-01-06 A job a starts 16h
2020-01-06 B job b starts 8h
2020-01-26 V job b verified 2020-01-06 to 2020-01-25''','''
2020-06-01 four unknown from 2020-01-21'''),
 ('a change of hours carries belief from its day','''
2020-01-06 A job a starts 16h
2020-01-15 C job a changes to 20h''','''
2020-06-01 three met 2020-01-26 because R S A C
2020-06-01 four unknown from 2020-01-30'''),
 ('the days after belief are unknown whatever hours were last reported','2020-01-06 A job a starts 4h','''
2020-02-02 one-of-four unknown from 2020-01-27
2020-02-02 four not met'''),
 ('another job that reaches the minimum alone leaves no day unknown','''
2020-01-06 A job a starts 16h
2020-01-06 B job b starts 16h
2020-03-31 E job b ends''','''
2020-06-01 four met 2020-02-02'''),
 ('another job that does not reach the minimum alone leaves the days unknown','''
2020-01-06 A job a starts 8h
2020-01-06 B job b starts 8h
2020-03-31 E job b ends''','''
2020-06-01 two met 2020-01-19
2020-06-01 four unknown from 2020-01-21'''),
 ('evidence of later days carries belief across the days before it','''
2020-01-06 A job a starts 16h
2020-02-10 V job a verified 2020-02-10 to 2020-02-10''','2020-06-01 four met 2020-02-02 because R S A V'),
 ('a later change of hours carries belief across the days before it','''
2020-01-06 A job a starts 16h
2020-02-10 C job a changes to 4h''','2020-06-01 four met 2020-02-02 because R S A C'),
 ('a second start carries belief as a change of hours does','''
2020-01-06 A job a starts 16h
2020-01-15 C job a starts 20h''','''
2020-06-01 three met 2020-01-26 because R S A C
2020-06-01 four unknown from 2020-01-30'''),
 ('evidence that is dated after the view carries nothing in it','''
2020-01-06 A job a starts 16h
2020-03-01 V job a verified 2020-01-06 to 2020-01-31''','''
2020-02-29 four unknown from 2020-01-21
2020-03-01 four met 2020-02-02'''),
 ('a job with a reported end is believed through it','''
2020-01-06 A job a starts 16h
2020-02-02 E job a ends''','''
2020-06-01 four met 2020-02-02 because R S A E
2020-02-02 known 2020-02-01 four unknown from 2020-01-21'''),
 ('a reported end settles the days after it as not worked','''
2020-01-06 A job a starts 16h
2020-02-01 E job a ends''','''
2020-06-01 four not met
2020-06-01 known 2020-01-31 four unknown from 2020-01-21
2020-06-01 three met 2020-01-26 because R S A E'''),
 ('a withdrawn end makes the job silent again','''
2020-01-06 A job a starts 16h
2020-02-02 E job a ends
2020-02-10 X withdraws E''','''
2020-06-01 known 2020-02-09 four met 2020-02-02
2020-06-01 four unknown from 2020-01-21'''),
 ('an amended verification carries belief from its new last day','''
2020-01-06 A job a starts 16h
2020-01-26 V job a verified 2020-01-06 to 2020-01-10
2020-02-10 M amends V covers-to 2020-01-25''','''
2020-06-01 four met 2020-02-02 because R S A V M
2020-06-01 known 2020-02-09 four unknown from 2020-01-25'''),
])

J=dict(within_days=31,day_count=d1)
file('job_start.toml','Family job_start.',[
 rule('job','job_start',**J,ref='any job in 31 days'),
 rule('job16','job_start',**J,min_weekly_hours=16),
 rule('zero','job_start',**J,min_weekly_hours=0),
 rule('own','job_start',**J,sector='self_employed'),
 rule('open16','job_start',min_weekly_hours=16),
],RS,[
 ('a job in the window is met on the day it starts','2020-01-20 A job a starts 16h','''
2020-01-19 job16 not yet until 2020-01-31
2020-01-20 job16 met 2020-01-20 because R S A
2020-06-01 open16 met 2020-01-20 because R S A'''),
 ('a minute short of the minimum is no such job start','2020-01-20 A job a starts 15h59','''
2020-01-30 job16 not yet until 2020-01-31
2020-01-31 job16 not met
2020-06-01 open16 not yet
2020-06-01 job met 2020-01-20'''),
 ('with a minimum of nothing a job without hours is a job start','2020-01-20 A job a starts 0h','''
2020-06-01 zero met 2020-01-20
2020-06-01 job met 2020-01-20
2020-06-01 job16 not met'''),
 ('a job on the day of the start counts','2020-01-01 A job a starts 16h','2020-06-01 job met 2020-01-01 because R S A'),
 ('a job on the day before the start does not count, though it is held on','2019-12-31 A job a starts 16h','''
2020-01-30 job not yet until 2020-01-31
2020-06-01 job not met
2020-06-01 open16 not yet'''),
 ('a job on the last day of the window counts','2020-01-31 A job a starts 16h','2020-06-01 job met 2020-01-31'),
 ('a job on the day after the window does not count','2020-02-01 A job a starts 16h','''
2020-06-01 job not met
2020-06-01 open16 met 2020-02-01'''),
 ('of two jobs the earliest is read','''
2020-01-20 B job b starts 16h
2020-01-10 A job a starts 16h told 2020-03-01''','''
2020-06-01 job met 2020-01-10 because R S A
2020-06-01 known 2020-02-29 job met 2020-01-20 because R S B'''),
 ('the earliest job with the hours is read','''
2020-01-10 A job a starts 8h
2020-01-20 B job b starts 16h''','''
2020-06-01 job16 met 2020-01-20 because R S B
2020-06-01 job met 2020-01-10 because R S A'''),
 ('hours reached later by a change are no job start','''
2020-01-10 A job a starts 8h
2020-01-20 C job a changes to 40h''','''
2020-06-01 job16 not met
2020-06-01 open16 not yet'''),
 ('the other sector is not looked at','''
2020-01-10 A job a starts 16h
2020-01-20 B business b starts 2h''','''
2020-01-15 own not yet until 2020-01-31
2020-06-01 own met 2020-01-20 because R S B
2020-06-01 job met 2020-01-10'''),
 ('without a window a job on the closing day counts','''
2020-03-01 X exited
2020-03-01 A job a starts 16h''','2020-06-01 open16 met 2020-03-01 because R S A'),
 ('without a window a job after the closing day does not count','''
2020-03-01 X exited
2020-03-02 A job a starts 16h''','''
2020-02-29 open16 not yet
2020-03-01 open16 not met
2020-06-01 open16 not met'''),
 ('with a window the closing day ends nothing','''
2020-01-10 X exited
2020-01-20 A job a starts 16h''','''
2020-01-15 job not yet until 2020-01-31
2020-06-01 job met 2020-01-20 because R S A'''),
 ('a job that ended at once is a job start all the same','''
2020-01-20 A job a starts 16h
2020-01-20 E job a ends''','2020-06-01 job16 met 2020-01-20 because R S A'),
 ('a job start whose hours are amended is read with the new hours','''
2020-01-20 A job a starts 8h
2020-02-10 M amends A hours 16h''','''
2020-06-01 job16 met 2020-01-20 because R S A M
2020-06-01 known 2020-02-09 job16 not met'''),
 ('a job start moved out of the window is not met','''
2020-01-20 A job a starts 16h
2020-02-10 M amends A on 2020-02-01''','''
2020-06-01 job not met
2020-06-01 known 2020-02-09 job met 2020-01-20'''),
])

P=dict(window_days=100,day_count=d1,rate_table='ten',rate_as_of='start')
file('earnings.toml','Family earnings: statements, running totals and thresholds. The window is 1 January to 9 April 2020.',[
 rule('pay','earnings',**P,hours_per_week=12,weeks=10,ref='1,200.00 in a hundred days'),
 rule('more','earnings',**P,hours_per_week=13,weeks=10,ref='1,300.00 in a hundred days'),
 rule('tiered','earnings',**P,tiers=[('lower',6,10),('higher',12,10)],ref='600.00 and 1,200.00'),
],RS,[
 ('a penny short is not met, and to the penny is','''
2020-01-31 E earns 1199.99
2020-04-09 F earns 0.01''','''
2020-01-31 pay not yet until 2020-04-09
2020-04-08 pay not yet until 2020-04-09
2020-04-09 pay met 2020-04-09 because R S E F
2020-04-09 more not met'''),
 ('a penny short at the end of the window is not met','2020-01-31 E earns 1199.99','''
2020-04-08 pay not yet until 2020-04-09
2020-04-09 pay not met'''),
 ('pay on the first day of the window counts','2020-01-01 E earns 1200.00','2020-06-01 pay met 2020-01-01 because R S E'),
 ('pay before the window does not count','''
2019-12-31 E earns 1000.00
2020-01-01 F earns 200.00''','2020-06-01 pay not met'),
 ('pay after the window neither counts nor takes away','''
2020-01-31 E earns 1200.00
2020-04-10 F difference -500.00
2020-04-30 G earns 500.00''','''
2020-06-01 pay met 2020-01-31 because R S E
2020-06-01 more not met'''),
 ('without statements it is not yet and then not met, never unknown','2020-01-10 A job a starts 40h','''
2020-04-08 pay not yet until 2020-04-09
2020-04-09 pay not met'''),
 ('a year-to-date statement sets the total and adds nothing to it','''
2020-01-31 E earns 300.00
2020-02-14 F earns 300.00
2020-02-28 G earns 300.00
2020-03-31 Y year-to-date 1200.00''','''
2020-06-01 pay met 2020-03-31 because R S E F G Y
2020-06-01 more not met'''),
 ('a year-to-date statement below the total lowers it','''
2020-01-31 E earns 1300.00
2020-02-28 Y year-to-date 1199.99''','''
2020-02-27 pay met 2020-01-31 because R S E
2020-06-01 pay not met'''),
 ('an original after a year-to-date statement adds to it','''
2020-01-31 Y year-to-date 1000.00
2020-02-28 E earns 200.00''','''
2020-06-01 pay met 2020-02-28 because R S Y E
2020-06-01 more not met'''),
 ('a delta adds its signed gross','''
2020-01-31 E earns 1300.00
2020-02-28 F difference -100.00
2020-03-31 G difference 100.00''','''
2020-06-01 pay met 2020-01-31 because R S E F G
2020-06-01 more met 2020-03-31 because R S E F G
2020-03-01 more not yet until 2020-04-09'''),
 ('on one day originals and deltas apply before a year-to-date statement, whatever was told first','''
2020-02-28 Y year-to-date 900.00 told 2020-03-01
2020-02-28 E earns 400.00 told 2020-03-02
2020-02-28 F difference 100.00 told 2020-03-03''','2020-06-01 pay not met'),
 ('on one day a year-to-date statement sets what the others would have overshot','''
2020-02-28 Y year-to-date 1200.00 told 2020-03-01
2020-02-28 E earns 400.00 told 2020-03-02
2020-02-28 F difference 100.00 told 2020-03-03''','''
2020-06-01 pay met 2020-02-28
2020-06-01 more not met'''),
 ('of two year-to-date statements of one day the one reported last holds','''
2020-02-28 Y year-to-date 1200.00 told 2020-03-05
2020-02-28 Z year-to-date 900.00 told 2020-03-02''','''
2020-06-01 pay met 2020-02-28
2020-06-01 known 2020-03-04 pay not met'''),
 ('a year-to-date statement of 6 April leaves the tax year before it alone','''
2020-04-05 Y year-to-date 700.00
2020-04-06 Z year-to-date 500.00''','''
2020-06-01 pay met 2020-04-06 because R S Y Z
2020-06-01 more not met'''),
 ('two year-to-date statements up to 5 April are of one tax year','''
2020-04-04 Y year-to-date 700.00
2020-04-05 Z year-to-date 1199.99''','2020-06-01 pay not met'),
 ('each scheme has a running total of its own','''
2020-01-31 Y year-to-date 700.00 from one
2020-02-28 Z year-to-date 500.00 from two''','''
2020-06-01 pay met 2020-02-28 because R S Y Z
2020-06-01 more not met'''),
 ('a year-to-date statement inside the window counts less what the scheme had before it','''
2019-12-01 E earns 500.00
2020-02-28 Y year-to-date 1700.00''','''
2020-06-01 pay met 2020-02-28 because E R S Y
2020-06-01 more not met'''),
 ('a year-to-date statement inside the window with a penny less is not met','''
2019-12-01 E earns 500.00
2020-02-28 Y year-to-date 1699.99''','2020-06-01 pay not met'),
 ('what another scheme or another tax year had before the window is taken from nothing','''
2019-12-01 E earns 500.00 from two
2019-04-05 G earns 900.00
2020-02-28 Y year-to-date 1200.00''','2020-06-01 pay met 2020-02-28 because R S Y'),
 ('a statement before the window is no reason where nothing restates it','''
2019-12-01 E earns 500.00
2020-02-28 F earns 1200.00''','2020-06-01 pay met 2020-02-28 because R S F'),
 ('a year-to-date statement before the window sets what is taken off','''
2019-11-30 E earns 400.00
2019-12-31 Y year-to-date 600.00
2020-02-28 Z year-to-date 1800.00''','''
2020-06-01 pay met 2020-02-28
2020-06-01 more not met'''),
 ('falling below the threshold and reaching it again moves the day','''
2020-01-10 E earns 1200.00
2020-02-01 F difference -10.00
2020-03-01 G difference 10.00''','''
2020-01-31 pay met 2020-01-10 because R S E
2020-02-29 pay not yet until 2020-04-09
2020-06-01 pay met 2020-03-01 because R S E F G'''),
 ('falling below the threshold for good is not met','''
2020-01-10 E earns 1200.00
2020-02-01 F difference -0.01''','''
2020-02-01 known 2020-01-31 pay met 2020-01-10
2020-02-01 pay not yet until 2020-04-09
2020-06-01 pay not met'''),
 ('falling but not below the threshold moves nothing','''
2020-01-10 E earns 1300.00
2020-02-01 F difference -100.00''','2020-06-01 pay met 2020-01-10 because R S E F'),
 ('a fall and a rise on one day move nothing','''
2020-01-10 E earns 1200.00
2020-02-01 F difference -10.00
2020-02-01 G earns 10.00''','2020-06-01 pay met 2020-01-10'),
 ('statements declared non-qualifying do not count','''
2020-01-31 E earns 1200.00 non-qualifying
2020-02-28 F earns 1199.99''','2020-06-01 pay not met'),
 ('a non-qualifying year-to-date statement sets nothing','''
2020-01-31 E earns 1200.00
2020-02-28 Y year-to-date 10.00 non-qualifying''','2020-06-01 pay met 2020-01-31 because R S E'),
 ('each tier is read on its own','''
2020-01-31 E earns 600.00
2020-03-31 F earns 599.99''','''
2020-02-28 tiered/lower met 2020-01-31 because R S E
2020-03-31 tiered/higher not yet until 2020-04-09
2020-06-01 tiered/lower met 2020-01-31 because R S E F
2020-06-01 tiered/higher not met'''),
 ('one statement reaches both tiers','2020-01-31 E earns 1200.00','''
2020-06-01 tiered/lower met 2020-01-31
2020-06-01 tiered/higher met 2020-01-31'''),
 ('an amended statement counts as amended','''
2020-01-31 E earns 1000.00
2020-03-01 M amends E gross 1200.00''','''
2020-06-01 pay met 2020-01-31 because R S E M
2020-06-01 known 2020-02-29 pay not met'''),
 ('a statement amended to non-qualifying does not count','''
2020-01-31 E earns 1200.00
2020-03-01 M amends E qualifying false''','''
2020-06-01 pay not met
2020-06-01 known 2020-02-29 pay met 2020-01-31'''),
],tables=table('ten',[('2015-01-01',1000)]))

O=dict(window_days=638,day_count=d0,hours_per_week=16,weeks=26,rate_table='wage')
file('earnings_rates.toml','Family earnings: which day fixes the rate. 16 x 26 hours at 8.21 are 3,415.36, at 8.72 they are 3,627.52.',[
 rule('by-start','earnings',**O,rate_as_of='start'),
 rule('by-first','earnings',**O,rate_as_of='first_payment'),
 rule('by-outcome','earnings',**O,rate_as_of='outcome'),
 rule('falling','earnings',**{**O,'rate_table':'falling'},rate_as_of='outcome',ref='the rate falls from 10.00 to 8.00'),
 rule('half','earnings',**{**O,'hours_per_week':7.5,'weeks':1,'rate_table':'odd'},rate_as_of='start',ref='7.5 hours at 8.21 are 61.575 pounds'),
],'''2019-05-01 R referred
2019-05-01 S started''',[
 ('a penny short of the threshold at the rate of the start','2019-12-31 E earns 3415.35','''
2020-03-31 by-start not yet until 2021-01-28
2021-01-27 by-start not yet until 2021-01-28
2021-01-28 by-start not met
2021-01-28 by-first not met
2021-01-28 by-outcome not met'''),
 ('to the penny at every rate before April','2019-12-31 E earns 3415.36','''
2021-06-01 by-start met 2019-12-31 because R S E
2021-06-01 by-first met 2019-12-31 because R S E
2021-06-01 by-outcome met 2019-12-31 because R S E'''),
 ('an outcome reached across April is tested at the rate of its own day','''
2020-03-31 E earns 1.00
2020-04-10 F earns 3500.00
2020-05-01 G earns 126.52''','''
2021-06-01 by-start met 2020-04-10 because R S E F G
2021-06-01 by-first met 2020-04-10
2020-04-30 by-outcome not yet until 2021-01-28
2021-06-01 by-outcome met 2020-05-01 because R S E F G'''),
 ('an outcome reached across April a penny short of the new rate is not met','''
2020-03-31 E earns 1.00
2020-04-10 F earns 3500.00
2020-05-01 G earns 126.51''','''
2021-06-01 by-outcome not met
2021-06-01 by-start met 2020-04-10'''),
 ('an outcome reached before April stays at its own threshold after it','2020-03-31 E earns 3415.36','2021-06-01 by-outcome met 2020-03-31 because R S E'),
 ('an outcome that fell below its own threshold is tested again at the new rate','''
2020-03-20 E earns 3415.36
2020-04-10 F difference -0.01
2020-05-01 G difference 0.01''','''
2020-04-09 by-outcome met 2020-03-20
2021-06-01 by-outcome not met
2021-06-01 by-start met 2020-05-01'''),
 ('on 1 April itself the new rate is in force','2020-04-01 E earns 3415.36','''
2021-06-01 by-outcome not met
2021-06-01 by-first not met
2021-06-01 by-start met 2020-04-01'''),
 ('a rate that falls is reached on the day it falls, without a statement','2020-03-01 E earns 3400.00','''
2020-03-31 falling not yet until 2021-01-28
2021-06-01 falling met 2020-04-01 because R S E'''),
 ('the first payment is a negative difference too','''
2020-03-31 E difference -5.00
2020-04-10 F earns 3420.36''','2021-06-01 by-first met 2020-04-10 because R S E F'),
 ('the first payment is a year-to-date statement too','''
2020-03-31 E year-to-date 5.00
2020-04-10 F earns 3410.36''','2021-06-01 by-first met 2020-04-10'),
 ('a non-qualifying statement is no first payment','''
2020-03-31 E earns 5.00 non-qualifying
2020-04-10 F earns 3627.51''','''
2021-06-01 by-first not met
2021-06-01 by-start met 2020-04-10'''),
 ('!a statement before the window is no first payment','''
2020-03-25 R referred
2020-03-31 S started
2020-03-30 E earns 5.00
2020-04-10 F earns 3627.51''','''
2022-06-01 by-first not met
2022-06-01 by-start met 2020-04-10 because R S F'''),
 ('!a statement on the first day of the window is a first payment','''
2020-03-25 R referred
2020-03-31 S started
2020-03-31 E earns 5.00
2020-04-10 F earns 3410.36''','2022-06-01 by-first met 2020-04-10 because R S E F'),
 ('!no rate in force on the day of the start cannot be reached','''
2019-03-01 R referred
2019-03-01 S started
2019-04-10 E earns 99999.00''','''
2021-06-01 by-start not met
2021-06-01 by-first met 2019-04-10'''),
 ('!no rate in force on the day of the first payment cannot be reached','''
2019-03-01 R referred
2019-03-01 S started
2019-03-31 E earns 99999.00''','''
2021-06-01 by-first not met'''),
 ('!tested on its own day, a threshold is reached on the first day that has a rate','''
2019-03-01 R referred
2019-03-01 S started
2019-03-31 E earns 3415.36''','''
2019-03-31 by-outcome not yet until 2020-11-28
2021-06-01 by-outcome met 2019-04-01 because R S E'''),
 ('a threshold of half a penny is reached by the next whole one','2019-12-31 E earns 61.58','2021-06-01 half met 2019-12-31'),
 ('a threshold of half a penny is not reached by the penny before','2019-12-31 E earns 61.57','2021-06-01 half not met'),
],tables=table('wage',[('2019-04-01',821),('2020-04-01',872)])+table('falling',[('2019-04-01',1000),('2020-04-01',800)])+table('odd',[('2019-04-01',821)]))

file('self_employed_days.toml','Family self_employed_days: ten days in the thirty from 1 January, silence of five days.',[
 rule('own','self_employed_days',days=10,window_days=30,day_count=d1,silence_days=5),
 rule('own0','self_employed_days',days=10,window_days=30,day_count=d0,silence_days=5),
 rule('trusting','self_employed_days',days=10,window_days=30,day_count=d1),
],RS,[
 ('days of two spells are counted once','''
2020-01-01 A business a starts 16h
2020-01-06 B business a ends
2020-01-04 C business c starts 16h
2020-01-10 D business c ends''','''
2020-01-09 own not yet until 2020-01-30
2020-01-10 own met 2020-01-10 because R S A C B D
2020-06-01 own met 2020-01-10 because R S A C B D'''),
 ('nine days are not ten, though two spells have eleven','''
2020-01-01 A business a starts 16h
2020-01-06 B business a ends
2020-01-05 C business c starts 16h
2020-01-09 D business c ends''','''
2020-01-29 own not yet until 2020-01-30
2020-01-30 own not met'''),
 ('what days to come cannot reach is not met before the window ends','''
2020-01-01 A business a starts 16h
2020-01-08 B business a ends''','''
2020-01-28 own not yet until 2020-01-30
2020-01-29 own not met'''),
 ('with nothing known the last day to hope is the tenth before the end','''
2020-01-01 K acknowledged''','''
2020-01-20 own not yet until 2020-01-30
2020-01-21 own not met'''),
 ('days before the window and after it do not count','''
2019-12-20 A business a starts 16h
2020-01-05 B business a ends
2020-01-27 C business c starts 16h
2020-02-28 D business c ends''','''
2020-06-01 own not met
2020-06-01 own0 met 2020-01-31 because A R S B C D'''),
 ('days for an employer do not count','''
2020-01-01 A job a starts 16h
2020-01-31 B job a ends''','2020-06-01 own not met'),
 ('no hours are asked for','''
2020-01-01 A business a starts 0h
2020-01-31 B business a ends''','2020-06-01 own met 2020-01-10 because R S A B'),
 ('spells with days between add up','''
2020-01-01 A business a starts 16h
2020-01-05 B business a ends
2020-01-21 C business c starts 16h
2020-01-25 D business c ends''','2020-06-01 own met 2020-01-25 because R S A B C D'),
 ('a spell that began after the day it was met is no reason','''
2020-01-01 A business a starts 16h
2020-01-31 B business a ends
2020-01-11 C business c starts 16h''','2020-06-01 own met 2020-01-10 because R S A B'),
 ('a silent spell counts as far as it is believed, and then is unknown','2020-01-01 A business a starts 16h','''
2020-01-29 own not yet until 2020-01-30
2020-01-30 own unknown from 2020-01-07
2020-06-01 trusting met 2020-01-10 because R S A'''),
 ('a verification carries it to the tenth day','''
2020-01-01 A business a starts 16h
2020-01-31 V business a verified 2020-01-01 to 2020-01-05''','''
2020-06-01 own met 2020-01-10 because R S A V
2020-06-01 known 2020-01-30 own unknown from 2020-01-07'''),
 ('a verification of a day less leaves nine days and the tenth unknown','''
2020-01-01 A business a starts 16h
2020-01-31 V business a verified 2020-01-01 to 2020-01-04''','2020-06-01 own unknown from 2020-01-10'),
 ('counted and unknown days that reach ten together are unknown','2020-01-21 A business a starts 16h','2020-06-01 own unknown from 2020-01-27'),
 ('counted and unknown days that reach nine together are not met','2020-01-22 A business a starts 16h','''
2020-01-29 own not met
2020-06-01 own not met'''),
 ('an amended end is read as amended','''
2020-01-01 A business a starts 16h
2020-01-09 B business a ends
2020-02-05 M amends B on 2020-01-10''','''
2020-06-01 own met 2020-01-10 because R S A B M
2020-06-01 known 2020-02-04 own not met'''),
],)

file('weeks_in_window.toml','Family weeks_in_window: weeks of sixteen hours in the four from 6 January 2020, a Monday.',[
 rule('two','weeks_in_window',weeks=2,window_weeks=4,silence_days=14,**W),
 rule('three','weeks_in_window',weeks=3,window_weeks=4,silence_days=14,**W),
 rule('four','weeks_in_window',weeks=4,window_weeks=4,silence_days=14,**W),
],RS,[
 ('two weeks that count are met on the last day of the second','''
2020-01-06 A job a starts 16h
2020-02-28 B job a ends''','''
2020-01-05 two not yet
2020-01-18 two not yet until 2020-02-02
2020-01-19 two met 2020-01-19 because R S A
2020-06-01 two met 2020-01-19 because R S A B
2020-06-01 four met 2020-02-02 because R S A B'''),
 ('a week with one day short is lost, and two others complete it','''
2020-01-06 A job a starts 16h
2020-01-08 B job a ends
2020-01-20 C job c starts 16h
2020-02-28 D job c ends''','''
2020-06-01 two met 2020-02-02 because R S A B C D
2020-06-01 three not met'''),
 ('a week is lost as soon as one of its days is, and what is left must suffice','''
2020-01-06 A job a starts 16h
2020-01-08 B job a ends''','''
2020-01-09 four not met
2020-01-09 three not yet until 2020-02-02
2020-01-12 three not yet until 2020-02-02
2020-01-13 three not met
2020-01-19 two not yet until 2020-02-02
2020-01-20 two not met'''),
 ('weeks are of seven days from the job start, whatever the day of the week','''
2020-01-08 A job a starts 16h
2020-01-21 B job a ends''','''
2020-06-01 two met 2020-01-21 because R S A B
2020-06-01 three not met'''),
 ('a week that ends a day early is lost','''
2020-01-08 A job a starts 16h
2020-01-20 B job a ends''','''
2020-06-01 two not met'''),
 ('hours below the minimum lose their weeks, though the window starts with them','''
2020-01-06 A job a starts 8h
2020-01-13 C job a changes to 16h
2020-02-28 B job a ends''','''
2020-06-01 two met 2020-01-26 because R S A C B
2020-06-01 three met 2020-02-02
2020-06-01 four not met'''),
 ('a change of hours inside a week loses it','''
2020-01-06 A job a starts 16h
2020-01-19 C job a changes to 15h
2020-01-20 D job a changes to 16h
2020-02-28 B job a ends''','''
2020-06-01 three met 2020-02-02 because R S A C D B
2020-06-01 two met 2020-01-26
2020-06-01 four not met'''),
 ('one day a week at the end of one job and the start of the next loses nothing','''
2020-01-06 A job a starts 16h
2020-01-15 B job a ends
2020-01-16 C job c starts 16h
2020-02-28 D job c ends''','2020-06-01 four met 2020-02-02 because R S A B C D'),
 ('weeks that have passed in silence are unknown where they could reach it','2020-01-06 A job a starts 16h','''
2020-06-01 two met 2020-01-19 because R S A
2020-02-01 three not yet until 2020-02-02
2020-02-02 three unknown from 2020-01-21
2020-02-02 four unknown from 2020-01-21'''),
 ('weeks that have passed in silence are not met where they could not reach it','''
2020-01-06 A job a starts 8h
2020-01-13 C job a changes to 16h''','''
2020-06-01 two met 2020-01-26
2020-06-01 three unknown from 2020-01-28
2020-06-01 four not met'''),
 ('the missing day lies in the first unknown week, not in a lost one','''
2020-01-06 A job a starts 16h
2020-01-07 C job a changes to 8h
2020-01-13 D job a changes to 16h
2020-02-28 V job a verified 2020-01-06 to 2020-01-10''','''
2020-06-01 three unknown from 2020-01-28'''),
 ('a week with unknown days and days to come is to come','2020-01-06 A job a starts 16h','''
2020-01-25 three not yet until 2020-02-02
2020-01-26 three not yet until 2020-02-02'''),
 ('no job at all is not yet while the participation is open','2020-01-02 K acknowledged','''
2020-06-01 two not yet'''),
 ('no job at all is not met once it is closed','2020-02-01 X exited','''
2020-06-01 two not met'''),
 ('a withdrawn end lets the weeks count again','''
2020-01-06 A job a starts 16h
2020-01-08 B job a ends
2020-02-28 C job a ends
2020-03-01 W withdraws C''','''
2020-06-01 four not met
2020-06-01 known 2020-02-29 four met 2020-02-02'''),
])

C=dict(max_gap_days=3,max_total_gap_days=5,anchor='first_job_start')
file('continuous.toml','Family continuous: four weeks from 6 January 2020 (to 2 February), gaps of three days, five in all.',[
 rule('four','continuous',weeks=4,**C),
 rule('hours','continuous',weeks=4,min_weekly_hours=16,**C),
 rule('silent','continuous',weeks=2,silence_days=10,**C,ref='two weeks (to 19 January), believed for ten days'),
 rule('silent5','continuous',weeks=2,silence_days=5,**C,ref='two weeks (to 19 January), believed for five days'),
 rule('nothing','continuous',weeks=4,max_gap_days=0,anchor='first_job_start'),
 rule('any-total','continuous',weeks=4,max_gap_days=3,anchor='first_job_start',ref='gaps of three days, without a total'),
],RS,[
 ('work without a gap is met on the last day of the period','2020-01-06 A job a starts 16h','''
2020-02-01 four not yet until 2020-02-02
2020-02-02 four met 2020-02-02 because R S A
2020-02-02 nothing met 2020-02-02'''),
 ('a gap of exactly the longest allowed is allowed','''
2020-01-06 A job a starts 16h
2020-01-10 B job a ends
2020-01-14 C job c starts 16h
2020-02-28 D job c ends''','''
2020-06-01 four met 2020-02-02 because R S A B C D
2020-06-01 nothing not met'''),
 ('a gap of a day more is not, and is known as soon as it has passed','''
2020-01-06 A job a starts 16h
2020-01-10 B job a ends
2020-01-15 C job c starts 16h
2020-02-28 D job c ends''','''
2020-01-13 four not yet until 2020-02-02
2020-01-14 four not met
2020-06-01 four not met'''),
 ('gaps of three and two days are five together','''
2020-01-06 A job a starts 16h
2020-01-10 B job a ends
2020-01-14 C job c starts 16h
2020-01-20 D job c ends
2020-01-23 E job e starts 16h''','2020-06-01 four met 2020-02-02 because R S A B C D E'),
 ('gaps of three and three days are six together, a day too many','''
2020-01-06 A job a starts 16h
2020-01-10 B job a ends
2020-01-14 C job c starts 16h
2020-01-20 D job c ends
2020-01-24 E job e starts 16h''','''
2020-01-22 four not yet until 2020-02-02
2020-01-23 four not met
2020-06-01 four not met
2020-06-01 any-total met 2020-02-02'''),
 ('the last day must reach, though the gap would be short','''
2020-01-06 A job a starts 16h
2020-02-01 B job a ends''','''
2020-02-01 four not yet until 2020-02-02
2020-02-02 four not met
2020-06-01 four not met'''),
 ('a job that ends on the last day of the period suffices','''
2020-01-06 A job a starts 16h
2020-02-02 B job a ends''','2020-06-01 four met 2020-02-02 because R S A B'),
 ('a job that takes over on the last day closes the gap','''
2020-01-06 A job a starts 16h
2020-01-29 B job a ends
2020-02-02 C job c starts 1h''','2020-06-01 four met 2020-02-02 because R S A B C'),
 ('days below the minimum are a gap like any other','''
2020-01-06 A job a starts 16h
2020-01-11 C job a changes to 15h
2020-01-14 D job a changes to 16h''','''
2020-06-01 hours met 2020-02-02 because R S A C D
2020-06-01 nothing met 2020-02-02'''),
 ('a gap may open the period, for a job start qualifies whatever its hours','''
2020-01-06 A job a starts 8h
2020-01-09 C job a changes to 16h''','2020-06-01 hours met 2020-02-02 because R S A C'),
 ('a gap that opens the period may be too long','''
2020-01-06 A job a starts 8h
2020-01-10 C job a changes to 16h''','''
2020-01-08 hours not yet until 2020-02-02
2020-01-09 hours not met'''),
 ('a gap of not worked and of hours too few is one gap','''
2020-01-06 A job a starts 16h
2020-01-10 B job a ends
2020-01-13 C job c starts 8h
2020-01-15 D job c changes to 16h''','''
2020-06-01 hours not met
2020-06-01 four met 2020-02-02'''),
 ('unknown days that would fit the gaps are no obstacle','''
2020-01-06 A job a starts 16h
2020-01-19 C job c starts 16h
2020-02-28 D job c ends''','''
2020-06-01 silent met 2020-01-19
2020-01-18 silent not yet until 2020-01-19'''),
 ('unknown days at the end are unknown once the period has passed','2020-01-06 A job a starts 16h','''
2020-01-18 silent not yet until 2020-01-19
2020-01-19 silent unknown from 2020-01-17'''),
 ('unknown days do not save a gap that is known to be too long','''
2020-01-06 A job a starts 16h
2020-01-07 B job a ends
2020-01-12 C job c starts 16h told 2020-01-12''','''
2020-06-01 silent not met'''),
 ('as many unknown days as a gap may have are no obstacle','''
2020-01-06 A job a starts 16h
2020-01-15 C job c starts 16h
2020-02-28 D job c ends''','2020-06-01 silent5 met 2020-01-19'),
 ('an unknown day more than a gap may have leaves it unknown','''
2020-01-06 A job a starts 16h
2020-01-16 C job c starts 16h
2020-02-28 D job c ends''','''
2020-01-18 silent5 not yet until 2020-01-19
2020-01-19 silent5 unknown from 2020-01-12
2020-06-01 silent met 2020-01-19'''),
 ('a verification settles the unknown days','''
2020-01-06 A job a starts 16h
2020-01-31 V job a verified 2020-01-06 to 2020-01-09''','''
2020-06-01 silent met 2020-01-19 because R S A V
2020-06-01 known 2020-01-30 silent unknown from 2020-01-17'''),
 ('an end that is reported settles the unknown days as not worked','''
2020-01-06 A job a starts 16h
2020-01-16 B job a ends told 2020-02-15''','''
2020-06-01 silent not met
2020-06-01 known 2020-02-14 silent unknown from 2020-01-17'''),
 ('no job is not yet while the participation is open, and then not met','2020-03-01 X exited','''
2020-02-29 four not yet
2020-03-01 four not met'''),
])

file('status_at_point.toml','Family status_at_point: in work within 28 days of an exit on 1 March 2020 (to 29 March).',[
 rule('leaving','status_at_point',within_days=28,silence_days=10),
 rule('that-day','status_at_point',within_days=0,silence_days=10),
 rule('employed','status_at_point',within_days=28,silence_days=10,sector='employed'),
],RS+'\n2020-03-01 X exited',[
 ('in work on the day of the exit','''
2020-02-25 A job a starts 1h
2020-06-01 B job a ends''','''
2020-02-29 leaving not yet
2020-03-01 leaving met 2020-03-01 because R S A X
2020-07-01 leaving met 2020-03-01 because R S A X B
2020-07-01 that-day met 2020-03-01'''),
 ('a job that ends on the day of the exit counts','''
2020-02-01 A job a starts 16h
2020-03-01 B job a ends''','2020-06-01 leaving met 2020-03-01 because R S A B X'),
 ('a job that ended on the day before does not count','''
2020-02-01 A job a starts 16h
2020-02-29 B job a ends''','''
2020-03-28 leaving not yet until 2020-03-29
2020-03-29 leaving not met
2020-03-01 that-day not met'''),
 ('a job that starts on the last day counts','2020-03-29 A job a starts 16h','''
2020-03-28 leaving not yet until 2020-03-29
2020-06-01 leaving met 2020-03-29 because R S X A
2020-06-01 that-day not met'''),
 ('a job that starts a day later does not count','2020-03-30 A job a starts 16h','2020-06-01 leaving not met'),
 ('a silent job is unknown once the days have passed','2020-02-01 A job a starts 16h','''
2020-03-28 leaving not yet until 2020-03-29
2020-03-29 leaving unknown from 2020-03-01
2020-03-01 that-day unknown from 2020-03-01'''),
 ('a silent job that is believed on the day of the exit counts','2020-02-20 A job a starts 16h','''
2020-06-01 leaving met 2020-03-01 because R S A X'''),
 ('a silent job that is believed up to the day before does not','2020-02-19 A job a starts 16h','''
2020-06-01 leaving unknown from 2020-03-01'''),
 ('a job that is known to be held later settles a silent one','''
2020-02-01 A job a starts 16h
2020-03-20 B job b starts 16h''','2020-06-01 leaving met 2020-03-20 because R S X B'),
 ('a verification that reaches the exit settles a silent job','''
2020-02-01 A job a starts 16h
2020-03-10 V job a verified 2020-02-01 to 2020-02-20''','''
2020-06-01 leaving met 2020-03-01 because R S A X V
2020-06-01 known 2020-03-09 leaving unknown from 2020-03-01'''),
 ('the other sector is not looked at','2020-03-10 A business a starts 16h','''
2020-06-01 leaving met 2020-03-10
2020-06-01 employed not met'''),
 ('!without an exit it is not yet, with no last day','''
2020-01-01 R referred
2020-01-01 S started
2020-02-01 A job a starts 16h''','2020-06-01 leaving not yet'),
 ('an exit that is amended moves the days','''
2020-03-31 A job a starts 16h
2020-04-05 M amends X on 2020-03-03''','''
2020-06-01 leaving met 2020-03-31 because R S X M A
2020-06-01 known 2020-04-04 leaving not met'''),
 ('an exit that is withdrawn is none','''
2020-02-25 A job a starts 16h
2020-04-05 W withdraws X''','''
2020-06-01 leaving not yet
2020-06-01 known 2020-04-04 leaving met 2020-03-01'''),
])

A2=dict(weeks=2,window_weeks=2,min_weekly_hours=16,silence_days=14)
A4=dict(weeks=4,window_weeks=4,min_weekly_hours=16,silence_days=14)
w60=dict(within_days=60,day_count=d1)
file('anchors.toml','Anchors: from which job starts a window is counted, and what several read together. Sixty days from 1 January 2020 end on 29 February.',[
 rule('each','weeks_in_window',**A2,anchor='each_job_start',**w60),
 rule('each-day0','weeks_in_window',**A2,anchor='each_job_start',within_days=60,day_count=d0),
 rule('each-open','weeks_in_window',**A2,anchor='each_job_start'),
 rule('first','weeks_in_window',**A2,anchor='first_job_start',**w60),
 rule('first-open','weeks_in_window',**A2,anchor='first_job_start'),
 rule('each4','weeks_in_window',**A4,anchor='each_job_start',**w60),
 rule('employed','weeks_in_window',**A2,anchor='each_job_start',**w60,sector='employed'),
 rule('month','continuous',months=1,max_gap_days=0,month_end='clamp',anchor='each_job_start',**w60),
],RS,[
 ('without a job each anchor to come has the last day of a job started on the last possible day','2020-01-02 K acknowledged','''
2020-02-28 each not yet until 2020-03-13
2020-02-28 first not yet until 2020-03-13
2020-02-28 each4 not yet until 2020-03-27
2020-02-28 month not yet until 2020-03-28
2020-02-28 each-open not yet
2020-02-28 first-open not yet
2020-02-29 each not met
2020-02-29 first not met
2020-02-29 month not met
2020-02-29 each-day0 not yet until 2020-03-14
2020-03-01 each-day0 not met
2020-02-29 each-open not yet
2020-02-29 first-open not yet'''),
 ('the first job start alone is read, or each','''
2020-01-06 A job a starts 16h
2020-01-12 B job a ends
2020-02-03 C job c starts 16h
2020-06-30 D job c ends''','''
2020-01-20 first not met
2020-01-20 each not yet until 2020-03-13
2020-01-20 each-open not yet
2020-07-01 first not met
2020-07-01 each met 2020-02-16 because R S C D
2020-07-01 each-open met 2020-02-16 because R S C D'''),
 ('the earliest met of two anchors is read','''
2020-01-06 A job a starts 16h
2020-01-10 C job c starts 16h
2020-06-30 D job c ends
2020-06-30 B job a ends''','''
2020-07-01 each met 2020-01-19
2020-07-01 first met 2020-01-19'''),
 ('a job start that failed and one that can still be met are not yet until the later day','''
2020-01-06 A job a starts 16h
2020-01-10 B job a ends
2020-02-25 C job c starts 16h''','''
2020-02-28 each not yet until 2020-03-13
2020-02-29 each not yet until 2020-03-09
2020-03-08 each not yet until 2020-03-09
2020-03-09 each met 2020-03-09 because R S C
2020-02-29 first not met'''),
 ('with one job start that can still be met the first has its last day and each a later one','2020-01-06 A job a starts 16h','''
2020-01-10 first not yet until 2020-01-19
2020-01-10 first-open not yet until 2020-01-19
2020-01-10 each not yet until 2020-03-13
2020-01-10 each-open not yet'''),
 ('a job start on the last possible day qualifies','2020-02-29 A job a starts 16h','''
2020-02-29 each not yet until 2020-03-13
2020-06-01 each met 2020-03-13 because R S A
2020-06-01 first met 2020-03-13'''),
 ('a job start on the day after does not qualify','2020-03-01 A job a starts 16h','''
2020-06-01 each not met
2020-06-01 first not met
2020-06-01 each-day0 met 2020-03-14
2020-06-01 first-open met 2020-03-14'''),
 ('a job start on the day of the start qualifies','2020-01-01 A job a starts 16h','2020-06-01 first met 2020-01-14 because R S A'),
 ('a job start before the start does not qualify, though it is held on','2019-12-31 A job a starts 16h','''
2020-06-01 first not met
2020-06-01 each not met
2020-06-01 each-open not yet
2020-06-01 first-open not yet'''),
 ('without a window a job start on the closing day qualifies, and its weeks may follow','''
2020-03-01 X exited
2020-03-01 A job a starts 16h''','''
2020-03-10 first-open not yet until 2020-03-14
2020-03-10 each-open not yet until 2020-03-14
2020-06-01 first-open met 2020-03-14 because R S A
2020-06-01 each-open met 2020-03-14'''),
 ('without a window a job start after the closing day does not qualify','''
2020-03-01 X exited
2020-03-02 A job a starts 16h''','''
2020-02-29 first-open not yet
2020-03-01 first-open not met
2020-06-01 first-open not met
2020-06-01 each-open not met'''),
 ('with a window a job start after the closing day qualifies','''
2020-01-10 X exited
2020-01-20 A job a starts 16h''','''
2020-01-15 each not yet until 2020-03-13
2020-06-01 first met 2020-02-02 because R S A'''),
 ('a job start of the other sector does not qualify','''
2020-01-06 A business a starts 16h
2020-01-20 B job b starts 16h
2020-06-30 C job b ends''','''
2020-07-01 employed met 2020-02-02 because R S B C
2020-07-01 each met 2020-01-19'''),
 ('of two unknown anchors the earliest missing day is read','''
2020-01-06 A job a starts 16h
2020-02-20 B job b starts 16h''','''
2020-06-01 each4 unknown from 2020-01-21'''),
 ('an anchor that is not yet is read before one that is unknown','''
2020-01-06 A job a starts 16h
2020-02-20 B job b starts 16h''','''
2020-02-28 each4 not yet until 2020-03-27
2020-03-17 each4 not yet until 2020-03-18'''),
 ('an anchor that is unknown is read before one that is not met','''
2020-01-06 A job a starts 16h
2020-01-10 B job a ends
2020-02-20 C job c starts 16h''','''
2020-06-01 each4 unknown from 2020-03-06'''),
 ('an anchor that is met is read before one that is unknown','''
2020-01-06 A job a starts 16h
2020-02-10 B job b starts 16h
2020-06-30 C job b ends''','''
2020-07-01 each4 met 2020-03-08'''),
 ('a job without days is the first job start','''
2020-01-06 A job a starts 16h
2020-01-05 B job a ends told 2020-01-06
2020-01-20 C job c starts 16h
2020-06-30 D job c ends''','''
2020-07-01 first not met
2020-07-01 each met 2020-02-02 because R S C D'''),
])

V=lambda a,b: [('2019-01-01',a),('2020-04-01',b)]
j100=lambda h: dict(within_days=100,day_count=d1,min_weekly_hours=h)
file('judged_by.toml','Which version is read. From 2019 eight hours are asked for, from 1 April 2020 sixteen.',[
 *[rule('by-'+b,'job_start',judged=b,versions=V(j100(8),j100(16))) for b in ('referral','start','claim','outcome')],
 rule('laxer','job_start',judged='outcome',versions=V(j100(16),j100(8)),ref='sixteen hours, and eight from 1 April 2020'),
 rule('tiered','earnings',judged='claim',ref='600.00, and 700.00 from 1 April 2020',versions=[
  (day,dict(window_days=100,day_count=d1,rate_table='ten',rate_as_of='start',tiers=[('lower',hours,10)])) for day,hours in V(6,7)]),
 rule('shorter','weeks_in_window',judged='outcome',ref='two weeks, and one from 1 February 2020',versions=[
  ('2019-01-01',dict(weeks=2,window_weeks=2,min_weekly_hours=16,anchor='each_job_start',**w60)),
  ('2020-02-01',dict(weeks=1,window_weeks=1,min_weekly_hours=16,anchor='each_job_start',**w60))]),
],'',[
 ('a version is picked by the referral or by the start','''
2020-03-31 R referred
2020-04-01 S started
2020-04-10 A job a starts 10h''','''
2020-06-01 by-referral met 2020-04-10 by 2019-01-01 because R S A
2020-06-01 by-start not yet until 2020-07-09 by 2020-04-01
2020-07-09 by-start not met by 2020-04-01'''),
 ('a version is in force from its first day','''
2020-04-01 R referred
2020-04-01 S started
2020-04-10 A job a starts 10h''','''
2020-07-09 by-referral not met by 2020-04-01
2020-07-09 by-start not met by 2020-04-01'''),
 ('an amended referral picks another version','''
2020-03-31 R referred
2020-04-01 S started
2020-04-10 A job a starts 10h
2020-05-01 M amends R on 2020-04-01''','''
2020-07-09 by-referral not met by 2020-04-01
2020-07-09 known 2020-04-30 by-referral met 2020-04-10 by 2019-01-01'''),
 ('without a claim the day of the view picks the version','''
2020-01-01 R referred
2020-01-01 S started
2020-02-10 A job a starts 10h''','''
2020-03-31 by-claim met 2020-02-10 by 2019-01-01 because R S A
2020-04-01 by-claim not yet until 2020-04-09 by 2020-04-01
2020-04-09 by-claim not met by 2020-04-01'''),
 ('a claim picks the version and is a reason','''
2020-01-01 R referred
2020-01-01 S started
2020-02-10 A job a starts 10h
2020-03-31 C claims by-claim''','''
2020-06-01 by-claim met 2020-02-10 by 2019-01-01 because R S A C
2020-06-01 by-referral met 2020-02-10 by 2019-01-01 because R S A'''),
 ('a claim on the first day of a version picks that version','''
2020-01-01 R referred
2020-01-01 S started
2020-02-10 A job a starts 10h
2020-04-01 C claims by-claim''','''
2020-06-01 by-claim not met by 2020-04-01'''),
 ('of two claims the first day picks the version, whichever was told first','''
2020-01-01 R referred
2020-01-01 S started
2020-02-10 A job a starts 10h
2020-04-20 D claims by-claim
2020-03-15 C claims by-claim told 2020-05-01''','''
2020-06-01 by-claim met 2020-02-10 by 2019-01-01 because R S A C
2020-06-01 known 2020-04-30 by-claim not met by 2020-04-01'''),
 ('a claim of another rule or another participation picks nothing','''
2020-01-01 R referred
2020-01-01 S started
2020-01-01 Q referred as P2
2020-01-01 T started as P2
2020-02-10 A job a starts 10h
2020-03-15 C claims by-start
2020-03-15 D claims by-claim as P2''','''
2020-06-01 by-claim not met by 2020-04-01
2020-06-01 P2:by-claim met 2020-02-10 by 2019-01-01 because Q T A D'''),
 ('a claim that names a tier is a claim of its rule','''
2020-01-01 R referred
2020-01-01 S started
2020-02-10 E earns 600.00
2020-03-15 C claims tiered/lower''','''
2020-06-01 tiered/lower met 2020-02-10 by 2019-01-01 because R S E C'''),
 ('a claim of a rule with tiers picks the version of each tier','''
2020-01-01 R referred
2020-01-01 S started
2020-02-10 E earns 600.00
2020-03-15 C claims tiered''','''
2020-06-01 tiered/lower met 2020-02-10 by 2019-01-01 because R S E C'''),
 ('a withdrawn claim picks nothing','''
2020-01-01 R referred
2020-01-01 S started
2020-02-10 A job a starts 10h
2020-03-15 C claims by-claim
2020-05-01 W withdraws C''','''
2020-06-01 known 2020-04-30 by-claim met 2020-02-10 by 2019-01-01
2020-06-01 by-claim not met by 2020-04-01'''),
 ('an outcome is met by the version in whose time it lies','''
2020-01-01 R referred
2020-01-01 S started
2020-03-31 A job a starts 10h''','''
2020-03-30 by-outcome not yet until 2020-04-09 by 2019-01-01
2020-06-01 by-outcome met 2020-03-31 by 2019-01-01 because R S A'''),
 ('an outcome a day later lies in the time of the next version','''
2020-01-01 R referred
2020-01-01 S started
2020-04-01 A job a starts 10h''','''
2020-04-01 by-outcome not yet until 2020-04-09 by 2020-04-01
2020-06-01 by-outcome not met by 2020-04-01'''),
 ('an outcome that the next version wants is met by it','''
2020-01-01 R referred
2020-01-01 S started
2020-04-01 A job a starts 16h''','''
2020-06-01 by-outcome met 2020-04-01 by 2020-04-01 because R S A'''),
 ('an outcome that a later version alone would have wanted does not count','''
2020-01-01 R referred
2020-01-01 S started
2020-03-31 A job a starts 10h''','''
2020-03-31 laxer not yet until 2020-04-09 by 2019-01-01
2020-06-01 laxer not met by 2020-04-01'''),
 ('an outcome in the time of a laxer version counts','''
2020-01-01 R referred
2020-01-01 S started
2020-04-01 A job a starts 10h''','''
2020-06-01 laxer met 2020-04-01 by 2020-04-01 because R S A'''),
 ('of the outcomes of two versions the earliest wins','''
2020-01-01 R referred
2020-01-01 S started
2020-01-06 A job a starts 16h
2020-06-30 B job a ends
2020-02-10 C job c starts 16h
2020-06-30 D job c ends''','''
2020-07-01 shorter met 2020-01-19 by 2019-01-01
2020-01-15 shorter not yet until 2020-03-13 by 2019-01-01'''),
 ('an anchor met before the version had begun does not hide one met inside its time','''
2020-01-01 R referred
2020-01-01 S started
2020-01-06 A job a starts 16h
2020-01-12 B job a ends
2020-02-03 C job c starts 16h
2020-02-12 D job c ends''','''
2020-07-01 shorter met 2020-02-09 by 2020-02-01 because R S C D'''),
 ('an anchor met before the version had begun does not count','''
2020-01-01 R referred
2020-01-01 S started
2020-01-06 A job a starts 16h
2020-01-12 B job a ends''','''
2020-02-20 shorter not yet until 2020-03-06 by 2020-02-01
2020-07-01 shorter not met by 2020-02-01'''),
 ('with no version in force nothing is met or to come','''
2018-12-31 R referred
2018-12-31 S started
2019-01-10 A job a starts 40h''','''
2019-01-05 by-referral not met by none
2019-01-05 by-start not met by none
2019-02-01 by-referral not met by none
2019-02-01 by-start not met by none
2018-12-31 by-claim not met by none
2018-12-31 by-outcome not met by none
2019-01-01 by-claim not yet until 2019-04-09 by 2019-01-01
2019-02-01 by-claim met 2019-01-10 by 2019-01-01
2019-02-01 by-outcome met 2019-01-10 by 2019-01-01'''),
 ('with no version in force on the day of the claim nothing is met','''
2018-12-01 R referred
2018-12-01 S started
2019-01-10 A job a starts 40h
2018-12-31 C claims by-claim''','''
2019-02-01 by-claim not met by none'''),
],tables=table('ten',[('2015-01-01',1000)]))

file('corrections.toml','Section 1: what is known, and what corrections make of it.',[
 rule('job','job_start',within_days=100,day_count=d1),
 rule('own','job_start',within_days=100,day_count=d1,sector='self_employed'),
 rule('week','weeks_in_window',weeks=1,window_weeks=1,**W),
],RS,[
 ('a withdrawn fact is not seen','''
2020-02-03 A job a starts 16h
2020-03-01 W withdraws A''','''
2020-03-15 job not yet until 2020-04-09
2020-03-15 known 2020-02-29 job met 2020-02-03 because R S A'''),
 ('a withdrawal holds over an amendment told after it','''
2020-02-03 A job a starts 16h
2020-03-01 W withdraws A
2020-03-02 M amends A hours 20h''','2020-06-01 job not met'),
 ('a withdrawal holds over an amendment told before it','''
2020-02-03 A job a starts 16h
2020-03-01 M amends A hours 20h
2020-03-02 W withdraws A''','2020-06-01 job not met'),
 ('a withdrawal that is withdrawn withdraws nothing','''
2020-02-03 A  job a starts 16h
2020-03-01 W1 withdraws A
2020-03-02 W2 withdraws W1''','''
2020-06-01 job met 2020-02-03 because R S A
2020-06-01 known 2020-03-01 job not met'''),
 ('a withdrawal withdrawn three deep holds, and four deep does not','''
2020-02-03 A  job a starts 16h
2020-03-01 W1 withdraws A
2020-03-02 W2 withdraws W1
2020-03-03 W3 withdraws W2
2020-03-04 W4 withdraws W3''','''
2020-06-01 known 2020-03-02 job met 2020-02-03
2020-06-01 known 2020-03-03 job not met
2020-06-01 known 2020-03-04 job met 2020-02-03 because R S A'''),
 ('of two withdrawals one that is withdrawn leaves the other','''
2020-02-03 A  job a starts 16h
2020-03-01 W1 withdraws A
2020-03-02 W2 withdraws A
2020-03-03 W3 withdraws W1''','2020-06-01 job not met'),
 ('an amendment is a reason after the fact it shaped','''
2020-02-03 A job a starts 8h
2020-03-01 M amends A hours 16h''','''
2020-06-01 week met 2020-02-09 because R S A M
2020-06-01 known 2020-02-29 week not met'''),
 ('of two amendments of a field the one reported last holds, though it stands first','''
2020-02-03 A job a starts 8h
2020-03-02 N amends A hours 16h told 2020-03-05
2020-03-01 M amends A hours 15h told 2020-03-04''','''
2020-06-01 week met 2020-02-09 because R S A N
2020-06-01 known 2020-03-04 week not met'''),
 ('of two amendments told at one instant the one of the greater reference holds','''
2020-02-03 A job a starts 8h
2020-03-01 N amends A hours 16h
2020-03-01 M amends A hours 15h''','2020-06-01 week met 2020-02-09 because R S A N'),
 ('amendments of two fields hold together, in the order in which they were reported','''
2020-02-10 A job a starts 8h
2020-03-01 N amends A hours 16h
2020-03-02 M amends A on 2020-02-03''','2020-06-01 week met 2020-02-09 because R S A N M'),
 ('an amendment that is withdrawn leaves the fact as it was reported','''
2020-02-03 A job a starts 16h
2020-03-01 M amends A hours 8h
2020-03-02 W withdraws M''','''
2020-06-01 week met 2020-02-09 because R S A
2020-06-01 known 2020-03-01 week not met'''),
 ('an amendment that is withdrawn lets the one before it hold','''
2020-02-03 A job a starts 8h
2020-03-01 M amends A hours 16h
2020-03-02 N amends A hours 4h
2020-03-03 W withdraws N''','2020-06-01 week met 2020-02-09 because R S A M'),
 ('an amendment of an amendment changes nothing','''
2020-02-03 A job a starts 16h
2020-03-01 M amends A hours 8h
2020-03-02 N amends M hours 40h
2020-03-02 O amends M on 2021-01-01''','''
2020-06-01 week not met'''),
 ('what is learned at exactly the instant is seen, and a microsecond before is not','''
2020-02-03 A job a starts 16h told 2020-02-10T09:00:00Z''','''
2020-06-01 known 2020-02-10T08:59:59.999999Z job not met
2020-06-01 known 2020-02-10T09:00:00Z job met 2020-02-03
2020-06-01 known 2020-02-10T08:59:59.999999Z reported job not met
2020-06-01 known 2020-02-10T09:00:00Z reported job met 2020-02-03'''),
 ('a correction learned at exactly the instant is seen','''
2020-02-03 A job a starts 16h
2020-03-01 W withdraws A told 2020-03-01T09:00:00Z''','''
2020-06-01 known 2020-03-01T08:59:59.999999Z job met 2020-02-03
2020-06-01 known 2020-03-01T09:00:00Z job not met'''),
 ('imported history is known when the source knew it, on the basis reported','''
2020-02-03 A job a starts 16h told 2020-02-05 stored 2020-05-01''','''
2020-06-01 known 2020-03-01 recorded job not met
2020-06-01 known 2020-03-01 reported job met 2020-02-03
2020-06-01 known 2020-05-01 recorded job met 2020-02-03'''),
 ('corrections too are known by the basis of the view','''
2020-02-03 A job a starts 16h
2020-02-20 W withdraws A stored 2020-05-01''','''
2020-06-01 known 2020-03-01 recorded job met 2020-02-03
2020-06-01 known 2020-03-01 reported job not met
2020-06-01 known 2020-05-01 recorded job not met'''),
 ('what was reported last is so on either basis, whatever was stored last','''
2020-02-03 A job a starts 8h
2020-03-01 M amends A hours 16h told 2020-03-05 stored 2020-03-06
2020-03-01 N amends A hours 15h told 2020-03-04 stored 2020-04-01''','''
2020-06-01 week met 2020-02-09 because R S A M
2020-06-01 known 2020-03-10 week met 2020-02-09 because R S A M'''),
 ('the day of a correction hides nothing','''
2020-02-03 A job a starts 16h
2021-01-01 W withdraws A told 2020-03-01''','''
2020-06-01 job not met
2020-06-01 known 2020-02-29 job met 2020-02-03'''),
 ('the day of an amendment hides nothing','''
2020-02-03 A job a starts 8h
2021-01-01 M amends A hours 16h told 2020-03-01''','2020-06-01 week met 2020-02-09 because R S A M'),
 ('a day amended to beyond the view hides the fact','''
2020-02-03 A job a starts 16h
2020-03-20 M amends A on 2020-03-16''','''
2020-03-15 job not yet until 2020-04-09
2020-03-16 job met 2020-03-16 because R S A M
2020-03-15 known 2020-03-19 job met 2020-02-03'''),
 ('a day amended to an earlier one shows the fact','''
2020-03-16 A job a starts 16h
2020-03-20 M amends A on 2020-02-03''','''
2020-02-03 job met 2020-02-03 because R S A M
2020-02-03 known 2020-03-19 job not yet until 2020-04-09'''),
 ('an end amended to beyond the view is not seen and the job is open','''
2020-02-03 A job a starts 16h
2020-02-05 E job a ends
2020-03-01 M amends E on 2020-05-31''','''
2020-04-01 known 2020-02-29 week not met
2020-04-01 week met 2020-02-09 because R S A
2020-06-01 week met 2020-02-09 because R S A E M'''),
 ('an amended sector of a start is the sector of the job','''
2020-02-03 A job a starts 16h
2020-03-01 M amends A sector self_employed''','''
2020-06-01 own met 2020-02-03 because R S A M
2020-06-01 known 2020-02-29 own not met'''),
 ('a withdrawn start takes every outcome with it','''
2020-02-03 A job a starts 16h
2020-03-01 W withdraws S''','''
2020-06-01 job not yet
2020-06-01 known 2020-02-29 job met 2020-02-03'''),
 ('an amended start moves the window','''
2020-04-10 A job a starts 16h
2020-04-20 M amends S on 2020-01-02''','''
2020-06-01 job met 2020-04-10 because R S M A
2020-06-01 known 2020-04-19 job not met'''),
])

file('bundled.toml','The packs and tables that come with the engine.',[],'',[
 ('the national programme pays for 416 hours at the wage of the day of the start','''
2019-05-01 R referred to whp-national
2019-05-01 S started
2019-12-31 E earns 3415.36''','''
2021-01-28 job-outcome met 2019-12-31 by 2017-11-01 because R S E'''),
 ('Greater Manchester asks for the Real Living Wage','''
2019-05-01 R referred to working-well-whp
2019-05-01 S started
2019-12-31 E earns 3743.99
2020-03-31 F earns 0.01''','''
2020-03-30 job-outcome not yet until 2021-01-28
2021-06-01 job-outcome met 2020-03-31 by 2018-01-29 because R S E F'''),
 ('the extension in Greater Manchester takes the rate of the first payment','''
2022-11-01 R referred to working-well-whp
2022-11-01 S started
2023-04-28 E earns 4534.40''','''
2024-12-31 job-outcome met 2023-04-28 by 2022-11-01 because R S E'''),
 ('twelve months in the pilot allow two breaks of fourteen days','''
2014-04-01 R referred to working-well-pilot
2014-04-01 S started
2014-06-01 A job a starts 16h
2014-08-31 B job a ends
2014-09-15 C job c starts 16h
2014-12-31 D job c ends
2015-01-15 E job e starts 16h
2015-06-10 V job e verified 2015-01-15 to 2015-05-29
2015-12-31 F job e ends''','''
2015-05-31 sustained-12-months not yet until 2017-03-29
2015-06-10 sustained-12-months met 2015-05-31 because R S A B C D E V
2016-06-01 sustained-12-months met 2015-05-31 because R S A B C D E F'''),
 ('twelve months in the pilot do not allow a break of fifteen days','''
2014-04-01 R referred to working-well-pilot
2014-04-01 S started
2014-06-01 A job a starts 16h
2014-08-31 B job a ends
2014-09-16 C job c starts 16h
2015-06-30 D job c ends''','''
2016-12-31 sustained-12-months not met
2016-01-31 sustained-12-months not yet until 2017-03-29'''),
 ('a claim before the easement of October 2021 is read by the rule before it','''
2021-01-01 R referred to whp-national
2021-01-01 S started
2021-01-01 A business a starts 16h
2021-04-20 V business a verified 2021-01-01 to 2021-04-15
2021-09-30 C claims self-employed-outcome''','''
2023-01-01 self-employed-outcome unknown from 2021-05-14 by 2017-11-01
2023-01-01 known 2021-09-29 self-employed-outcome met 2021-07-01 by 2021-10-01 because R S A V'''),
])
