"""Codebooks from anywhere: a platform's own description of a questionnaire → questions.csv and choices.csv.

One module a format (xlsform.py, limesurvey.py, eusurvey.py, spss.py, sheet.py, assessment.py); what they share is in
draft.py. Not here: answers (readers/), what a well-formed codebook is (rounds/codebook.py).
"""
